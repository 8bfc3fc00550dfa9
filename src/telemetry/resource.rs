//! Who speaks: the resource of every signal, as the conventions name its attributes.
//!
//! What the environment says in `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` wins over all of it.

use super::names::SCHEMA_URL;
use crate::config::{Environment, ProcessFacts};
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_semantic_conventions::resource as conventions;
use std::borrow::Cow;

/// The name of the service, where the environment has none.
const SERVICE_NAME: &str = "feedgate";

/// Variables that a pod fills by the downward API, and what they tell.
const OF_KUBERNETES: &[(&str, &str)] = &[
    ("K8S_CLUSTER_NAME", conventions::K8S_CLUSTER_NAME),
    ("K8S_NAMESPACE_NAME", conventions::K8S_NAMESPACE_NAME),
    ("K8S_NODE_NAME", conventions::K8S_NODE_NAME),
    ("K8S_POD_NAME", conventions::K8S_POD_NAME),
    ("K8S_POD_UID", conventions::K8S_POD_UID),
    ("K8S_CONTAINER_NAME", conventions::K8S_CONTAINER_NAME),
    ("K8S_CRONJOB_NAME", conventions::K8S_CRONJOB_NAME),
    ("K8S_JOB_NAME", conventions::K8S_JOB_NAME),
    ("K8S_DEPLOYMENT_NAME", conventions::K8S_DEPLOYMENT_NAME),
];

/// Who speaks, of those that have the name of the service: `service.instance.id`, the label `instance` of metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instance {
    /// This process and no other, by a random id: for what lives on and has others beside it.
    Process,
    /// Whoever does this job, night after night: what one run tells replaces what the one before has told.
    Job(Cow<'static, str>),
}

impl Instance {
    /// The id; nothing without a source of randomness.
    fn id(&self) -> Option<String> {
        match self {
            Self::Process => random_id(),
            Self::Job(name) => Some(name.clone().into_owned()),
        }
    }
}

/// The resource of this process.
pub(super) fn resource(environment: &Environment, instance: &Instance) -> Resource {
    let builder = Resource::builder();
    let builder = if names_service(environment) { builder } else { builder.with_service_name(SERVICE_NAME) };
    // What is there already, by the environment, stays as it is.
    builder
        .with_schema_url(attributes(environment, instance, &ProcessFacts::of_this_one()), SCHEMA_URL)
        .build()
}

fn names_service(environment: &Environment) -> bool {
    environment.get("OTEL_SERVICE_NAME").is_some()
        || environment.get("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|attributes| {
            attributes.split(',').any(|each| each.trim().starts_with("service.name="))
        })
}

/// What is known of process, host and pod.
fn attributes(environment: &Environment, instance: &Instance, facts: &ProcessFacts) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(conventions::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        KeyValue::new(conventions::PROCESS_PID, i64::from(std::process::id())),
        KeyValue::new(conventions::PROCESS_RUNTIME_NAME, "rust"),
        KeyValue::new(conventions::HOST_ARCH, architecture(facts.architecture)),
        KeyValue::new(conventions::OS_TYPE, system(facts.system)),
    ];
    let optional = [
        (conventions::SERVICE_INSTANCE_ID, instance.id()),
        (conventions::HOST_NAME, whoami::hostname().ok()),
        (conventions::PROCESS_EXECUTABLE_NAME, facts.executable.clone()),
    ];
    let of_pod =
        OF_KUBERNETES.iter().map(|(variable, name)| (*name, environment.get(variable).map(str::to_owned)));
    for (name, value) in optional.into_iter().chain(of_pod) {
        attributes.extend(value.map(|value| KeyValue::new(name, value)));
    }
    attributes
}

/// A random UUID (version 4); nothing without a source of randomness.
fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Some(parts.join("-"))
}

/// An architecture as the conventions name it.
fn architecture(rust: &'static str) -> &'static str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

/// An operating system as the conventions name it.
fn system(rust: &'static str) -> &'static str {
    match rust {
        "macos" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_pod_is_known_by_its_environment() {
        let facts = ProcessFacts { executable: None, architecture: "x86_64", system: "macos" };
        let pod =
            [("K8S_POD_NAME", "feedgate-29-x7"), ("K8S_CRONJOB_NAME", "nightly"), ("K8S_NODE_NAME", "")];
        let attributes = attributes(&Environment::of(&pod), &Instance::Process, &facts);
        let of = |name: &str| {
            let found = attributes.iter().find(|attribute| attribute.key.as_str() == name);
            found.map(|attribute| attribute.value.to_string())
        };
        assert_eq!(of("k8s.pod.name").as_deref(), Some("feedgate-29-x7"));
        assert_eq!(of("k8s.cronjob.name").as_deref(), Some("nightly"));
        assert_eq!((of("k8s.node.name"), of("process.executable.name")), (None, None));
        assert_eq!((of("host.arch").as_deref(), of("os.type").as_deref()), (Some("amd64"), Some("darwin")));
    }

    #[test]
    fn a_process_is_another_instance_each_time_and_a_job_the_same() {
        let job = Instance::Job("import-3".into());
        assert_eq!((job.id().as_deref(), job.id()), (Some("import-3"), job.id()));
        let ids: HashSet<String> = (0..100).map(|_| Instance::Process.id().expect("randomness")).collect();
        assert_eq!(ids.len(), 100);
        for id in ids {
            let lengths: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!((lengths, id.as_bytes()[14]), (vec![8, 4, 4, 4, 12], b'4'), "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        }
    }
}
