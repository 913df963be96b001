use async_trait::async_trait;
use witan_config::Reader;
use witan_host::{Context, Service, StartError, migration_sets};
use witan_pg::MigrationSet;
use witan_web::Routes;

use crate::world::World;

/// A service whose database was migrated by an older program.
struct Behind;

#[async_trait]
impl Service for Behind {
    const NAME: &'static str = "behind";
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
    }

    async fn start(_: (), _: &Context) -> anyhow::Result<()> {
        panic!("a service on a schema that is behind was started")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serving_is_refused_until_the_schema_is_up_to_date() {
    let world = World::new::<Behind>(|| migration_sets::<Behind>().into_iter().take(1).collect()).await;
    let Some(StartError::Failed(error)) = world.run::<Behind>().await.err() else { panic!("it started") };
    let text = format!("{error:#}");
    assert!(text.starts_with("the schema of behind is behind by "), "{text}");
    assert!(text.contains("events/") && text.contains("jobs/") && !text.contains("pg/"), "{text}");
    assert!(text.lines().last().unwrap().ends_with(" migrate` first"), "{text}");
    assert!(world.lifecycle.stopping().is_cancelled(), "what was spawned before goes on");
}
