//! Forms that are posted, and have no file.

use crate::serve::parameters::{media_type, whole};
use crate::serve::problem::{Kind, Problem};
use crate::serve::receive::BodyLimits;
use crate::serve::service::Service;
use axum::extract::{Form, FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// How a form without files is sent.
const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
/// Bytes of such a form.
const FORM_BYTES_MAX: u64 = 64 << 10;

/// What a form says that has at most so many bytes.
#[derive(Debug)]
pub(super) struct Posted<T, const BYTES_MAX: u64 = FORM_BYTES_MAX>(pub(super) T);

impl<T: DeserializeOwned, const BYTES_MAX: u64> FromRequest<Arc<Service>> for Posted<T, BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, Problem> {
        if media_type(request.headers()) != MEDIA_TYPE {
            return Err(Problem::new(
                Kind::UnsupportedMediaType,
                format!("a form is sent as `{MEDIA_TYPE}`"),
            ));
        }
        let rate_min = service.plan.settings.body_rate_min;
        read(whole(request, BodyLimits { bytes_max: BYTES_MAX, rate_min }).await?).await.map(Self)
    }
}

async fn read<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, Problem> {
    let form = Request::post("/").header(CONTENT_TYPE, MEDIA_TYPE).body(bytes.into());
    let form = form.map_err(|_| Problem::internal())?;
    let wrong = |why: axum::extract::rejection::FormRejection| {
        Problem::new(Kind::InvalidRequest, format!("the form is not as it has to be: {}", why.body_text()))
    };
    Form::from_request(form, &()).await.map(|Form(said)| said).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Said {
        reason: String,
    }

    #[tokio::test]
    async fn a_form_is_read_as_browsers_write_it() {
        let said: Said = read(b"reason=so+%26+so".to_vec()).await.expect("a form");
        assert_eq!(said.reason, "so & so");
        let problem = read::<Said>(b"other=1".to_vec()).await.expect_err("it lacks something");
        assert!(problem.detail().contains("missing field `reason`"), "{problem:?}");
    }

    #[tokio::test]
    async fn form_bytes_max() {
        let of = async |bytes: u64| {
            let body = vec![b'a'; usize::try_from(bytes).expect("it is small")];
            let limits = BodyLimits { bytes_max: FORM_BYTES_MAX, rate_min: 0 };
            whole(Request::new(body.into()), limits).await.is_ok()
        };
        assert!(of(FORM_BYTES_MAX).await && !of(FORM_BYTES_MAX + 1).await);
    }
}
