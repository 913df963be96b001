use witan_web::NoContent;

#[utoipa::path(post, path = "/api/v1/danger", operation_id = "danger", tag = "probe", responses((status = 204)))]
pub(crate) async fn handle() -> NoContent {
    NoContent
}
