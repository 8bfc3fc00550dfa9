//! Prefix bindings in scope.

/// Stack of prefix bindings.
#[derive(Debug, Default)]
pub struct Bindings {}

impl Bindings {
    /// The namespace a prefix is bound to; the empty prefix asks for the default namespace.
    /// `Some("")` means: no namespace (default undeclared); `None`: prefix not declared.
    #[must_use]
    pub fn resolve(&self, prefix: &str) -> Option<&str> {
        let _ = prefix;
        None
    }
}
