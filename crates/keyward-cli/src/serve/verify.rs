//! `POST /verify`: whose key it is, or how the request that came with it is to be refused.

use std::net::IpAddr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use keyward::axum::{ApiKey as Operator, RequestId};
use keyward::key::{PlainKey, check_expression};
use keyward::verify::{ApiKey, Rejection, Verifier};
use serde::{Deserialize, Deserializer};

use super::problem::{Problem, Trouble};
use super::verdict::{Verdict, report};
use super::{operators, refusal};
use crate::head::Head;
use crate::operator::VERIFY;

/// So many keys can be asked about at once.
const MOST: usize = 100;

/// What is asked about one key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(deserialize_with = "key")]
    key: PlainKey,
    /// Such as `read write | admin`.
    scopes: Option<String>,
    resource: Option<String>,
    /// Where its request comes from.
    address: Option<IpAddr>,
}

pub(super) async fn verify(
    State(verifier): State<Verifier>,
    operator: Operator,
    id: RequestId,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Trouble> {
    operator.require(VERIFY)?;
    let (questions, is_one) = read(&body?)?;
    let workspace = operators::workspace(&operator);
    let asked = questions.into_iter().map(|question| question.ask(&verifier, workspace));
    let answers = join_all(asked).await;
    for answer in &answers {
        report(answer, &id);
    }
    let verdicts = answers.into_iter().map(|answer| Verdict::of(answer, &verifier, &id));
    match verdicts.collect::<Result<Vec<_>, Rejection>>() {
        Ok(mut verdicts) if is_one => Ok(Json(verdicts.pop()).into_response()),
        Ok(verdicts) => Ok(Json(verdicts).into_response()),
        // Nobody knows, and so nothing is said of any key.
        Err(rejection) => Ok(refusal::response(&verifier, &rejection, &id)),
    }
}

impl Question {
    async fn ask(self, verifier: &Verifier, workspace: Option<&str>) -> Result<ApiKey, Rejection> {
        let head = Head::of(self.key, verifier.dialect().locations()).from(self.address);
        let key = verifier.verify(&head).await?;
        if let Some(workspace) = workspace {
            key.require_workspace(workspace)?;
        }
        if let Some(scopes) = &self.scopes {
            key.require(scopes)?;
        }
        if let Some(resource) = &self.resource {
            key.require_resource(resource)?;
        }
        Ok(key)
    }
}

/// The questions of a body, and whether it is one that stands by itself.
fn read(body: &[u8]) -> Result<(Vec<Question>, bool), Problem> {
    let is_one = body.trim_ascii_start().first() != Some(&b'[');
    let questions = if is_one {
        serde_json::from_slice(body).map(|question| vec![question])
    } else {
        serde_json::from_slice(body)
    };
    // Not the error's own text, which may show the key.
    let questions: Vec<Question> = questions.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::bad_request(format!(
            "Send {{\"key\":\"…\"}}, with \"scopes\", \"resource\" and \"address\" where they matter, or a list of \
             such objects: line {line}, column {column} is something else."
        ))
    })?;
    if questions.len() > MOST {
        return Err(Problem::bad_request(format!("Ask about {MOST} keys at most in one request.")));
    }
    let mut expressions = questions.iter().filter_map(|question| question.scopes.as_deref());
    expressions.try_for_each(check_expression).map_err(|error| {
        Problem::bad_request(format!("\"scopes\" cannot be asked for: {error}."))
    })?;
    Ok((questions, is_one))
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PlainKey, D::Error> {
    String::deserialize(deserializer).map(PlainKey::new)
}
