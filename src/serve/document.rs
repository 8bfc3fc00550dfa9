//! The document of the interface: what the list of routes does not say by itself.

use std::collections::BTreeSet;
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Server};

/// Name of the security scheme.
const BEARER: &str = "bearer";

/// Forms that feeds are sent in.
const FORMS: [&str; 2] = ["FeedForm", "CheckForm"];
/// What every operation may answer: status, and name of the response.
const ANSWERS: [(&str, &str); 5] =
    [("400", "Refused"), ("401", "Refused"), ("403", "Refused"), ("500", "Refused"), ("503", "Unavailable")];
/// What an operation that has a body may answer beside that.
const ANSWERS_TO_A_BODY: [(&str, &str); 3] = [("408", "Refused"), ("413", "Refused"), ("415", "Refused")];

/// What the document says beside the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "feedgate", description = "Feeds in, findings out: the gate between product feeds and a shop"),
    components(responses(
        super::wire::Refused,
        super::wire::Unavailable,
        super::wire::Missing,
        super::wire::Conflicting
    )),
    tags(
        (name = "feeds", description = "Submit feeds, check records"),
        (name = "runs", description = "What became of them"),
        (name = "sources", description = "Who sends, and what was applied"),
        (name = "formats", description = "What feeds may be of"),
        (name = "quarantine", description = "Refused records: look, judge again, give up"),
        (name = "held", description = "Held feeds: look, let in, give up"),
        (name = "rollback", description = "Take back what a run did"),
        (name = "audit", description = "Who decided what, when and why"),
    )
)]
struct Document;

/// The document of all routes, with the formats that there are, when tokens are asked for.
pub(super) fn document(routes: OpenApi, formats: &[String]) -> OpenApi {
    let mut document = <Document as utoipa::OpenApi>::openapi();
    document.merge(routes);
    document.servers = Some(vec![Server::new("/")]);
    document.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("fgt_…").build();
    if let Some(components) = &mut document.components {
        components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    }
    let words = words(formats);
    document.components.iter_mut().for_each(|components| complete_forms(components, &words));
    document.paths.paths.values_mut().flat_map(operations).for_each(|operation| complete(operation, &words));
    document
}

/// The document of a service without tokens: it asks for none.
pub(super) fn open(mut document: OpenApi) -> OpenApi {
    document.security.get_or_insert_default().push(SecurityRequirement::default());
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// Identifiers and names of the formats.
fn words(formats: &[String]) -> Vec<serde_json::Value> {
    let name = |id: &String| id.split('/').next().unwrap_or(id).to_owned();
    // Nothing: it is found out.
    let nothing = std::iter::once(String::new());
    let words: BTreeSet<String> =
        formats.iter().map(name).chain(formats.iter().cloned()).chain(nothing).collect();
    words.into_iter().map(serde_json::Value::from).collect()
}

/// What every operation may answer, what a body may come to, and which formats may be named.
fn complete(operation: &mut Operation, formats: &[serde_json::Value]) {
    let of_body: &[_] = if operation.request_body.is_some() { &ANSWERS_TO_A_BODY } else { &[] };
    for (status, name) in ANSWERS.iter().chain(of_body) {
        let answer: RefOr<Response> = RefOr::Ref(Ref::from_response_name(*name));
        operation.responses.responses.entry((*status).to_owned()).or_insert(answer);
    }
    operation.parameters.iter_mut().flatten().for_each(|parameter| list_formats(parameter, formats));
}

/// A form has the parts that it has; of the formats there are these.
fn complete_forms(components: &mut Components, formats: &[serde_json::Value]) {
    for name in FORMS {
        let Some(RefOr::T(Schema::Object(form))) = components.schemas.get_mut(name) else { continue };
        form.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        if let Some(RefOr::T(Schema::Object(text))) = form.properties.get_mut("format") {
            text.enum_values = Some(formats.to_vec());
        }
    }
}

fn list_formats(parameter: &mut RefOr<Parameter>, formats: &[serde_json::Value]) {
    if let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(text))), .. }) = parameter
        && name == "format"
    {
        text.enum_values = Some(formats.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn told() -> Value {
        let (_, routes) = super::super::router::all().split_for_parts();
        serde_json::to_value(document(routes, &["catalogue/1.0".to_owned()])).expect("JSON")
    }

    fn each(document: &Value) -> Vec<&Value> {
        let paths = document["paths"].as_object().expect("paths");
        paths.values().flat_map(|item| item.as_object().expect("methods").values()).collect()
    }

    #[test]
    fn every_operation_is_named_and_says_how_it_fails() {
        let document = told();
        let operations = each(&document);
        let names: BTreeSet<&str> =
            operations.iter().filter_map(|operation| operation["operationId"].as_str()).collect();
        assert_eq!(names.len(), operations.len(), "{names:?}");
        for operation in operations {
            for status in ["400", "401", "403", "500", "503"] {
                assert!(
                    operation["responses"][status].is_object(),
                    "{status} of {}",
                    operation["operationId"]
                );
            }
        }
    }

    #[test]
    fn every_parameter_has_words_and_bounds() {
        let document = told();
        for parameter in
            each(&document).iter().flat_map(|each| each["parameters"].as_array().into_iter().flatten())
        {
            assert!(parameter["description"].is_string(), "{parameter}");
            let schema = &parameter["schema"];
            let bounds = ["maxLength", "maximum", "minimum", "enum", "oneOf", "$ref"];
            let is_flag = schema["type"].as_str() == Some("boolean");
            assert!(is_flag || bounds.iter().any(|bound| !schema[bound].is_null()), "{parameter}");
        }
        for form in FORMS.map(|name| &document["components"]["schemas"][name]) {
            let formats = serde_json::json!(["", "catalogue", "catalogue/1.0"]);
            assert_eq!(
                (&form["properties"]["format"]["enum"], &form["additionalProperties"]),
                (&formats, &false.into())
            );
        }
        assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
        assert_eq!(document["security"], serde_json::json!([{"bearer": []}]));
        let (_, routes) = super::super::router::all().split_for_parts();
        let open = serde_json::to_value(open(super::document(routes, &[]))).expect("JSON");
        assert_eq!(open["security"], serde_json::json!([{"bearer": []}, {}]));
    }
}
