use witan_web::{Body, HttpRequest, HttpResponse, Result, State, Tenant};

use crate::app::App;
use crate::openai::question::ChatCompletion;
use crate::openai::{COUNCIL, council, plain};

/// Asks a council or a plain model, as OpenAI's chat completions do.
///
/// `model` is `council/` with an agent's slug or id, or the id of a model. The last message is the question to a council, what
/// was said before its context. Streamed, the answer comes as `chat.completion.chunk` events and `[DONE]`; one that breaks
/// ends with an `error` and without `[DONE]`. An API key goes as the bearer. A client that closes its
/// connection ends the call of a plain model; a council goes on and is found among the runs.
#[utoipa::path(post, path = "/v1/chat/completions", operation_id = "createChatCompletion", tag = "openai",
    request_body = ChatCompletion, responses(
        (status = 200, description = "The answer, or its events", body = serde_json::Value),
        (status = 402, description = "The plan allows no more in this period; as 429 in OpenAI's form."),
        (status = 404, description = "There is no such model."),
        (status = 502, description = "The model or the council did not answer."),
        (status = 504, description = "The model did not answer in time."),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    http: HttpRequest,
    Body(body): Body<ChatCompletion>,
) -> Result<HttpResponse> {
    match body.model.starts_with(COUNCIL) {
        true => Box::pin(council::answer(&app, &tenant, &body, &http)).await,
        false => Box::pin(plain::answer(&app, &tenant, &body, &http)).await,
    }
}
