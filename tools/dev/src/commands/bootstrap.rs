use anyhow::{Context as _, Result};

use crate::outside::Outside;
use crate::up::database::schemas;

const URL: &str = "BOOTSTRAP_DATABASE_URL";

/// Makes every service's schema and roles in a database that is there, such as the one of docker-compose.yml.
/// Reads `BOOTSTRAP_DATABASE_URL` (a superuser's), `POSTGRES_<SERVICE>_PASSWORD` and `POSTGRES_<SERVICE>_OWNER_PASSWORD`.
pub(crate) async fn run() -> Result<u8> {
    let outside = Outside::read();
    let read =
        |name: &str| outside.get(name).map(str::to_owned).with_context(|| format!("{name} is not set"));
    schemas(&read(URL)?, |service| {
        let name = service.to_uppercase();
        Ok((read(&format!("POSTGRES_{name}_OWNER_PASSWORD"))?, read(&format!("POSTGRES_{name}_PASSWORD"))?))
    })
    .await?;
    println!("every service has its schema and its roles");
    Ok(0)
}
