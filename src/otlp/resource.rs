//! Who we are, as both signals say it.

use crate::resource::Resource;

/// Which SDK made this. Ours decides, cleans, encodes and sends what it gets from OpenTelemetry's,
/// and makes metrics without it; the convention keeps the name `opentelemetry` for the latter alone.
/// It is the same for spans and metrics, for backends tell services apart by the whole resource.
const SDK: [(&str, &str); 3] = [
    ("telemetry.sdk.language", "rust"),
    ("telemetry.sdk.name", "lightship"),
    ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
];

/// The attributes of the resource, no key twice. What the user says of the SDK counts before ours.
pub(super) fn attributes(resource: &Resource) -> Vec<(String, String)> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for (key, value) in resource.otlp_attributes().chain(SDK) {
        if attributes.iter().all(|(known, _)| known != key) {
            attributes.push((key.to_owned(), value.to_owned()));
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_once_and_the_environment_under_both_names() {
        let further = [("team", "storage"), ("telemetry.sdk.name", "ours"), ("team", "late")];
        let resource = Resource {
            service: "upload".into(),
            environment: Some("production".into()),
            version: Some("1.4.2".into()),
            attributes: further.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            instance: None,
        };
        let attributes = attributes(&resource);
        let attributes: Vec<_> = attributes.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            attributes,
            [
                ("service.name", "upload"),
                ("deployment.environment.name", "production"),
                ("service.version", "1.4.2"),
                ("team", "storage"),
                ("telemetry.sdk.name", "ours"),
                ("deployment.environment", "production"),
                ("telemetry.sdk.language", "rust"),
                ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let resource = Resource { service: "upload".into(), ..Resource::default() };
        let attributes = attributes(&resource);
        assert_eq!(attributes[0], ("service.name".to_owned(), "upload".to_owned()));
        assert!(attributes[1..].iter().all(|(key, _)| key.starts_with("telemetry.sdk.")));
    }
}
