//! Who we are: the service, in each backend's words.

/// OpenTelemetry's words.
pub(crate) const SERVICE_NAME: &str = "service.name";
pub(crate) const SERVICE_VERSION: &str = "service.version";
pub(crate) const ENVIRONMENT_NAME: &str = "deployment.environment.name";
/// What [`ENVIRONMENT_NAME`] was called before; still written by many.
pub(crate) const OLD_ENVIRONMENT_NAME: &str = "deployment.environment";

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
    /// Further attributes (code, `OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS`), first come first kept;
    /// none of them has an own key.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Resource {
    /// Datadog's unified service tags; those that are not known are left out.
    pub(crate) fn unified_tags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.identity(["service", "env", "version"])
    }

    /// Everything, under OpenTelemetry's names: the resource of OTLP, and with names sanitised the
    /// labels of Prometheus's `target_info`.
    pub(crate) fn otel_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let further = self.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let own = self.identity([SERVICE_NAME, ENVIRONMENT_NAME, SERVICE_VERSION]);
        own.map(|(key, value)| -> (&str, &str) { (key, value) }).chain(further)
    }

    fn identity(&self, keys: [&'static str; 3]) -> impl Iterator<Item = (&'static str, &str)> {
        let values =
            [Some(self.service.as_str()), self.environment.as_deref(), self.version.as_deref()];
        keys.into_iter().zip(values).filter_map(|(key, value)| Some((key, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> Resource {
        Resource {
            service: "upload".into(),
            environment: Some("production".into()),
            version: Some("1.4.2".into()),
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
    fn what_is_not_known_is_left_out() {
        let resource = Resource { environment: None, version: None, ..resource() };
        assert_eq!(resource.unified_tags().collect::<Vec<_>>(), [("service", "upload")]);
    }

    #[test]
    fn every_word_of_ours_is_an_own_key() {
        let resource = Resource { attributes: Vec::new(), ..resource() };
        assert!(resource.unified_tags().all(|(key, _)| is_own_key(key)));
        assert!(resource.otel_attributes().all(|(key, _)| is_own_key(key)));
        assert!(!is_own_key("team"));
    }
}
