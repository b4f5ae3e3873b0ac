//! Who we are: the service, in each backend's words.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

/// OpenTelemetry's words.
pub(crate) const SERVICE_NAME: &str = "service.name";
pub(crate) const SERVICE_VERSION: &str = "service.version";
pub(crate) const ENVIRONMENT_NAME: &str = "deployment.environment.name";
/// What [`ENVIRONMENT_NAME`] was called before; still written by many.
pub(crate) const OLD_ENVIRONMENT_NAME: &str = "deployment.environment";
/// What tells two processes of one service apart.
pub(crate) const INSTANCE_ID: &str = "service.instance.id";

/// Whether a key, in any backend's words, says service, environment or version.
pub(crate) fn is_own_key(key: &str) -> bool {
    let datadog = matches!(key, "service" | "env" | "version");
    datadog
        || [SERVICE_NAME, SERVICE_VERSION, ENVIRONMENT_NAME, OLD_ENVIRONMENT_NAME].contains(&key)
}

/// The service as resolved from code and environment; every text is bounded and one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) service: String,
    pub(crate) environment: Option<String>,
    pub(crate) version: Option<String>,
    /// A new one with every start, so it is for OTLP alone: a label of it would make every series
    /// of a page a new one, too.
    pub(crate) instance: Option<String>,
    /// Further attributes (code, `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS`), first come first kept;
    /// none of them has an own key.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Resource {
    /// Datadog's unified service tags; those that are not known are left out.
    pub(crate) fn unified_tags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.identity(["service", "env", "version"])
    }

    /// Everything that lasts, under OpenTelemetry's names; with these sanitised it is the labels of
    /// Prometheus's `target_info`.
    pub(crate) fn otel_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let further = self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let own = self.identity([SERVICE_NAME, ENVIRONMENT_NAME, SERVICE_VERSION]);
        own.map(|(key, value)| -> (&str, &str) { (key, value) }).chain(further)
    }

    /// The resource of OTLP: everything, the environment by its older name too (what older Datadog
    /// agents look for), and the instance unless an attribute names one.
    pub(crate) fn otlp_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let older = self.environment.as_deref().map(|value| (OLD_ENVIRONMENT_NAME, value));
        let is_named = self.attributes.iter().any(|(key, _)| key == INSTANCE_ID);
        let instance = self.instance.as_deref().filter(|_| !is_named);
        self.otel_attributes().chain(older).chain(instance.map(|value| (INSTANCE_ID, value)))
    }

    fn identity(&self, keys: [&'static str; 3]) -> impl Iterator<Item = (&'static str, &str)> {
        let values =
            [Some(self.service.as_str()), self.environment.as_deref(), self.version.as_deref()];
        keys.into_iter().zip(values).filter_map(|(key, value)| Some((key, value?)))
    }
}

/// A random UUID, version 4. The process's id and the time are in it, for what the standard library
/// has of randomness may be the same in processes that were forked off one.
pub(crate) fn new_instance() -> String {
    let half = |half: u8| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u8(half);
        hasher.write_u32(std::process::id());
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        hasher.write_u128(time.as_nanos());
        hasher.finish()
    };
    let high = half(0) & !0xf000 | 0x4000;
    let low = half(1) & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> Resource {
        Resource {
            service: "upload".into(),
            environment: Some("production".into()),
            version: Some("1.4.2".into()),
            instance: Some("one".into()),
            attributes: vec![("team".into(), "storage".into())],
        }
    }

    #[test]
    fn each_backend_gets_its_words() {
        let resource = resource();
        assert_eq!(
            resource.unified_tags().collect::<Vec<_>>(),
            [("service", "upload"), ("env", "production"), ("version", "1.4.2")]
        );
        assert_eq!(
            resource.otel_attributes().collect::<Vec<_>>(),
            [
                ("service.name", "upload"),
                ("deployment.environment.name", "production"),
                ("service.version", "1.4.2"),
                ("team", "storage"),
            ]
        );
    }

    #[test]
    fn otlp_has_the_older_name_and_the_instance_besides() {
        let mut resource = resource();
        let besides = [("deployment.environment", "production"), ("service.instance.id", "one")];
        let expected: Vec<_> = resource.otel_attributes().chain(besides).collect();
        assert_eq!(resource.otlp_attributes().collect::<Vec<_>>(), expected);
        resource.attributes.push((INSTANCE_ID.into(), "pod-7".into()));
        let instances = resource.otlp_attributes().filter(|(key, _)| *key == INSTANCE_ID);
        assert_eq!(instances.collect::<Vec<_>>(), [(INSTANCE_ID, "pod-7")]);
    }

    #[test]
    fn instances_are_random_uuids() {
        let (one, other) = (new_instance(), new_instance());
        assert_ne!(one, other);
        for uuid in [one, other] {
            let parts: Vec<_> = uuid.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit()), "{uuid}");
            assert!(parts[2].starts_with('4'), "{uuid}");
            assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let resource = Resource { environment: None, version: None, instance: None, ..resource() };
        assert_eq!(resource.unified_tags().collect::<Vec<_>>(), [("service", "upload")]);
        let attributes = [("service.name", "upload"), ("team", "storage")];
        assert_eq!(resource.otlp_attributes().collect::<Vec<_>>(), attributes);
    }

    #[test]
    fn every_word_of_ours_is_an_own_key() {
        let resource = Resource { attributes: Vec::new(), ..resource() };
        assert!(resource.unified_tags().all(|(key, _)| is_own_key(key)));
        assert!(resource.otel_attributes().all(|(key, _)| is_own_key(key)));
        assert!(!is_own_key("team"));
    }
}
