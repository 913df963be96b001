use witan_web::NoContent;

#[utoipa::path(post, path = "/api/v1/ask", operation_id = "ask", tag = "probe", responses((status = 204)))]
pub(crate) async fn handle() -> NoContent {
    NoContent
}
