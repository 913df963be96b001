//! The API document of a table.

use utoipa::openapi::{Info, OpenApi};

use super::Routes;

impl Routes {
    /// The table as an OpenAPI 3.1 document.
    pub fn openapi(&self, info: Info) -> OpenApi {
        OpenApi::new(info, utoipa::openapi::Paths::new())
    }
}
