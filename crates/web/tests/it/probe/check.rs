use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_web::{Body, Json};

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[schema(min_length = 1, max_length = 8)]
    pub(crate) name: String,
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) size: i32,
    #[schema(nullable = false)]
    pub(crate) owner_id: Option<UserId>,
    #[schema(max_items = 2)]
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    pub(crate) kind: Option<Kind>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct Part {
    #[schema(pattern = "^[a-z]+$")]
    label: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    Circle {
        #[schema(minimum = 1)]
        radius: u32,
    },
    Square {
        side: u32,
    },
}

#[utoipa::path(
    post,
    path = "/api/v1/check",
    operation_id = "check",
    tag = "probe",
    request_body = Shape,
    responses((status = 200, body = Shape))
)]
pub(crate) async fn handle(Body(shape): Body<Shape>) -> Json<Shape> {
    Json(shape)
}
