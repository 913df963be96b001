use witan_web::NoContent;

#[utoipa::path(get, path = "/api/v1/installation", operation_id = "installation", tag = "probe",
    responses((status = 204)))]
pub(crate) async fn handle() -> NoContent {
    NoContent
}
