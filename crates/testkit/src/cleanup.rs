/// Runs `work` to its end from a `drop`, where nothing can be awaited: on a thread with a runtime of its own.
/// What cannot be cleaned up is left to the next start of the servers, which begins empty.
pub(crate) fn blocking(work: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(work)
    });
    if let Ok(Err(error)) = thread.join() {
        eprintln!("testkit could not clean up: {error:#}");
    }
}
