use witan_web::NoContent;

#[utoipa::path(post, path = "/api/v1/log-in", operation_id = "logIn", tag = "probe", responses((status = 204)))]
pub(crate) async fn handle() -> NoContent {
    NoContent
}
