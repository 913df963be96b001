use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_web::{Body, Created, Problem, Result, State, Tenant, codes};

use super::App;

#[derive(Deserialize, ToSchema)]
pub(crate) struct Make {
    #[schema(max_length = 20)]
    name: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    number: u32,
    name: String,
}

#[utoipa::path(
    post,
    path = "/api/v1/make",
    operation_id = "make",
    tag = "probe",
    request_body = Make,
    responses((status = 201, body = Made))
)]
pub(crate) async fn handle(app: State<App>, _: Tenant, Body(body): Body<Make>) -> Result<Created<Made>> {
    let number = app.shared.made.fetch_add(1, Ordering::SeqCst) + 1;
    match body.name.as_str() {
        "broken" => return Err(Problem::internal("on purpose")),
        "taken" => return Err(Problem::new(&codes::CONFLICT)),
        "wrong" => {
            return Err(Problem::new(&codes::VALIDATION_FAILED).violation(
                "/name",
                "probe.wrong",
                "is wrong",
            ));
        }
        _ => {}
    }
    Ok(Created { location: format!("/api/v1/things/{number}"), body: Made { number, name: body.name } })
}
