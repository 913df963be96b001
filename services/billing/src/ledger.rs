//! Reserving, settling and counting, each inside the caller's transaction.
//!
//! The counter's row is locked first, so whoever changes one metric of one workspace takes turns: concurrent wishes
//! never take more than the plan allows. Counters are always locked before reservations, and those of earlier months
//! first, so that nobody waits for somebody who waits for them. Work that was reserved and is counted later is counted
//! in the period of its event; what is reserved is given back where it was taken from.

use chrono::{DateTime, Utc};
use witan_clients::{LimitReached, ReserveAnswer};
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::events;
use crate::store::counters::{counter_add, counter_lock, counter_mark_exceeded};
use crate::store::reservations::{
    ReservationRow, reservation_exists, reservation_insert, reservation_lapse, reservation_lapsed_periods,
    reservation_list, reservation_take,
};
use crate::store::subscriptions::subscription_plan;

/// A wish to use something.
pub(crate) struct Wish<'a> {
    pub(crate) metric: Metric,
    pub(crate) amount: i64,
    pub(crate) reference: &'a str,
}

/// Takes a part of the plan for work under way; once for one reference.
pub(crate) async fn reserve(
    tx: &mut TenantTx<'_>,
    app: &App,
    wish: &Wish<'_>,
) -> Result<ReserveAnswer, PgError> {
    let now = app.clock.now();
    let period = Period::of(now);
    lapse(tx, wish.metric, now).await?;
    let counter = counter_lock(tx, wish.metric, period).await?;
    if reservation_exists(tx, wish.reference, wish.metric).await? {
        return Ok(ReserveAnswer::Reserved);
    }
    let taken = counter.used + counter.reserved;
    let key = subscription_plan(tx).await?;
    let plan = app.config.plans.of_subscription(key.as_deref());
    if let Some(&limit) = plan.limits.get(&wish.metric)
        && taken + wish.amount > limit
    {
        return Ok(ReserveAnswer::LimitReached(LimitReached {
            metric: wish.metric.as_str().to_owned(),
            limit,
            used: taken,
            resets_at: period.ends_at(),
            plan: plan.key.clone(),
        }));
    }
    counter_add(tx, wish.metric, period, 0, wish.amount).await?;
    let reservation = ReservationRow {
        workspace_id: tx.workspace_id(),
        reference: wish.reference.to_owned(),
        metric: wish.metric.as_str().to_owned(),
        period: period.first_day(),
        amount: wish.amount,
        expires_at: now + app.config.reservation_lifetime,
    };
    reservation_insert(tx, &reservation).await?;
    Ok(ReserveAnswer::Reserved)
}

/// Gives back what nobody settled in time, of earlier months as well.
async fn lapse(tx: &mut TenantTx<'_>, metric: Metric, now: DateTime<Utc>) -> Result<(), PgError> {
    for day in reservation_lapsed_periods(tx, metric, now).await? {
        let period = Period::of_day(day);
        counter_lock(tx, metric, period).await?;
        let amount = reservation_lapse(tx, metric, period, now).await?;
        counter_add(tx, metric, period, 0, -amount).await?;
    }
    Ok(())
}

/// Gives back what was reserved for this work, if anything still is.
pub(crate) async fn release(tx: &mut TenantTx<'_>, reference: &str) -> Result<(), PgError> {
    let rows = reservation_list(tx, reference).await?;
    let mut parts: Vec<(Period, Metric)> = rows
        .into_iter()
        .filter_map(|row| Some((Period::of_day(row.period), Metric::parse(&row.metric)?)))
        .collect();
    parts.sort_unstable();
    for (period, metric) in parts {
        counter_lock(tx, metric, period).await?;
        // It may have lapsed while this waited for its turn.
        if let Some(amount) = reservation_take(tx, reference, metric).await? {
            counter_add(tx, metric, period, 0, -amount).await?;
        }
    }
    Ok(())
}

/// Counts what was used at `time`, and says so once when that reaches the plan's limit.
pub(crate) async fn count(
    tx: &mut TenantTx<'_>,
    app: &App,
    time: DateTime<Utc>,
    metric: Metric,
    amount: i64,
) -> Result<(), PgError> {
    if amount <= 0 {
        return Ok(());
    }
    let period = Period::of(time);
    let counter = counter_lock(tx, metric, period).await?;
    counter_add(tx, metric, period, amount, 0).await?;
    let used = counter.used + amount;
    let key = subscription_plan(tx).await?;
    match app.config.plans.of_subscription(key.as_deref()).limits.get(&metric) {
        Some(&limit) if used >= limit && counter.exceeded_at.is_none() => {
            counter_mark_exceeded(tx, metric, period, app.clock.now()).await?;
            events::budget_exceeded(tx, &app.clock, metric, limit, used).await
        }
        _ => Ok(()),
    }
}
