use async_trait::async_trait;
use witan_access::permission;
use witan_config::Reader;
use witan_host::{Context, Service};
use witan_pg::MigrationSet;
use witan_testkit::{Database, Servers, TestService, eventually};
use witan_web::{Access, Routes, route};

struct Tiny;

#[async_trait]
impl Service for Tiny {
    const NAME: &'static str = "tiny";
    type Config = ();
    type App = ();

    fn configure(_: &mut Reader<'_>) -> Option<()> {
        Some(())
    }

    fn migrations() -> Vec<MigrationSet> {
        Vec::new()
    }

    fn routes() -> Routes {
        Routes::new(Self::NAME)
            .add(route!(open, Access::Public))
            .add(route!(managed, Access::Workspace(permission::MEMBERS_MANAGE)))
    }

    async fn start((): (), _: &Context) -> anyhow::Result<()> {
        Ok(())
    }
}

mod open {
    use witan_web::Json;

    /// For everybody.
    #[utoipa::path(get, path = "/api/v1/open", operation_id = "open", responses((status = 200, body = String)))]
    pub(super) async fn handle() -> witan_web::Result<Json<String>> {
        Ok(Json("open".to_owned()))
    }
}

mod managed {
    use witan_web::{Json, Tenant};

    /// For those who manage the workspace's members.
    #[utoipa::path(get, path = "/api/v1/managed", operation_id = "managed", responses((status = 200, body = String)))]
    pub(super) async fn handle(tenant: Tenant) -> witan_web::Result<Json<String>> {
        Ok(Json(tenant.workspace_id.to_string()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_who_they_say() {
    let service = TestService::<Tiny>::start().await;
    assert_eq!(service.anon().get("/api/v1/open").await.expect(200).json, "open");
    assert_eq!(service.anon().get("/api/v1/managed").await.status, 401);
    assert_eq!(service.member().get("/api/v1/managed").await.status, 403);
    let answer = service.admin().get("/api/v1/managed").await.expect(200);
    assert_eq!(answer.json, service.workspace.to_string());
    let other = service.other_workspace();
    assert_eq!(other.get("/api/v1/managed").await.expect(200).json, other.workspace().to_string());
    assert_eq!(other.in_workspace(service.workspace).get("/api/v1/managed").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_again_on_the_same_database_and_leaves_nothing_behind() {
    let mut service = TestService::<Tiny>::start().await;
    assert!(service.halt().await, "something did not end in time");
    service.resume().await.unwrap();
    service.anon().get("/api/v1/open").await.expect(200);
    eventually("the probes", async || service.internal_anon().get("/ready").await.status == 200).await;

    let (name, servers) = (service.database().name().to_owned(), Servers::from_env());
    drop(service);
    assert!(!Database::exists(&servers.postgres, &name).await.unwrap(), "{name} is still there");
}
