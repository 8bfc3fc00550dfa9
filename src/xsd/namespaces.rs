//! The two namespaces of XML Schema itself (2.6).

/// Namespace of schema documents.
pub(crate) const SCHEMA_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of `type`, `nil`, `schemaLocation`, `noNamespaceSchemaLocation` in instances.
pub(crate) const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
