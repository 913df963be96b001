use witan_pg::PgError;
use witan_web::{NoContent, Path, Problem, Result};

#[utoipa::path(
    get,
    path = "/api/v1/fail/{how}",
    operation_id = "fail",
    tag = "probe",
    params(("how" = String, Path)),
    responses((status = 204))
)]
pub(crate) async fn handle(Path(how): Path<String>) -> Result<NoContent> {
    match how.as_str() {
        "panic" => panic!("secret-in-a-panic"),
        "internal" => Err(Problem::internal("secret-in-an-error")),
        "database" => Err(PgError::Unavailable("secret-in-an-error".into()).into()),
        "missing" => Err(PgError::NotFound.into()),
        _ => Ok(NoContent),
    }
}
