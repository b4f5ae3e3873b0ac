//! In which headers contexts travel: code, else the variables, else OpenTelemetry's default.

use super::findings::Findings;
use crate::config::Builder;
use crate::config::settings::PropagationSettings;

pub(super) fn resolve(builder: &Builder, _: &mut Findings<'_>) -> PropagationSettings {
    match &builder.propagators {
        Some(chosen) => PropagationSettings { extract: chosen.clone(), inject: chosen.clone() },
        None => PropagationSettings::default(),
    }
}
