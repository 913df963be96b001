//! Tables with a partition for each day (UTC) of their rows' ids, which are UUIDs of version 7 and begin with the time.
//!
//! Those of the next days are made ahead, and those that nobody needs any more are dropped whole: no row is deleted, and nothing is left
//! to be vacuumed. What has no partition is in the default one. A lock that is not to be had within 100 ms fails, and leaves the
//! rest for the next time. Any number of processes may do it at once.
//!
//! A migration makes the table `… PARTITION BY RANGE (id)` and its `<table>_default`, which it closes with `close_partition`; on an
//! insert PostgreSQL finds the partition by the id alone. Unique are those columns only that have the id among them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::sql;

/// Rows of one statement that leave the default partition.
const MOST: i32 = 1000;

const MAKE: &str = "SELECT make_partitions($1, $2) AS count";
const DROP: &str = "SELECT drop_partitions($1, $2, $3, $4, $5) AS count";
const CLEAR: &str = "SELECT clear_default_partition($1, $2, $3, $4) AS count";
const EARLIER: &str = "SELECT least($1, clock_timestamp()) AS time";

/// A table whose old days are dropped.
#[derive(Debug, Clone, Copy)]
pub struct Partitioned {
    /// Its name.
    pub table: &'static str,
    /// What makes a row keep its whole day.
    pub needed: Needed,
    /// Tables by the same ids: what they have of a day goes with it.
    pub along: &'static [&'static str],
}

/// Rows that are needed, however old their ids are.
#[derive(Debug, Clone, Copy)]
pub enum Needed {
    /// None are.
    Never,
    /// Those in which this column is null.
    WhileNull(&'static str),
    /// Those in which this column is not before that time: they came long after their id was made.
    Since(&'static str, DateTime<Utc>),
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = Integer)]
    count: i32,
}

#[derive(diesel::QueryableByName)]
struct Time {
    #[diesel(sql_type = Timestamptz)]
    time: DateTime<Utc>,
}

/// Makes the partitions of `today` and of the two days after it; says how many there were to make.
///
/// # Errors
/// When the table is in use for long.
pub async fn make(conn: &mut AsyncPgConnection, table: &str, today: NaiveDate) -> QueryResult<i32> {
    let made: Count = sql(MAKE).bind::<Text, _>(table).bind::<Date, _>(today).get_result(conn).await?;
    Ok(made.count)
}

/// Drops the days before `day` of which no row is needed; says how many.
///
/// # Errors
/// When the table is in use for long.
pub async fn drop_before(
    conn: &mut AsyncPgConnection,
    partitioned: Partitioned,
    day: NaiveDate,
) -> QueryResult<i32> {
    let (column, since) = match partitioned.needed {
        Needed::Never => (None, None),
        Needed::WhileNull(column) => (Some(column), None),
        Needed::Since(column, since) => (Some(column), Some(since)),
    };
    let query = sql(DROP)
        .bind::<Text, _>(partitioned.table)
        .bind::<Date, _>(day)
        .bind::<Nullable<Text>, _>(column)
        .bind::<Nullable<Timestamptz>, _>(since)
        .bind::<Array<Text>, _>(partitioned.along);
    let dropped: Count = query.get_result(conn).await?;
    Ok(dropped.count)
}

/// Deletes some of the rows in the default partition whose column `dated` is before `before`; says whether there may be more.
///
/// # Errors
/// When it takes too long.
pub async fn clear_default(
    conn: &mut AsyncPgConnection,
    table: &str,
    dated: &str,
    before: DateTime<Utc>,
) -> QueryResult<bool> {
    let query = sql(CLEAR)
        .bind::<Text, _>(table)
        .bind::<Text, _>(dated)
        .bind::<Timestamptz, _>(before)
        .bind::<Integer, _>(MOST);
    let cleared: Count = query.get_result(conn).await?;
    Ok(cleared.count == MOST)
}

/// The earlier one of `now` and the database's time: of a process whose clock is ahead, nothing is old yet that is young to others.
///
/// # Errors
/// When the database does not answer.
pub async fn earlier(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<DateTime<Utc>> {
    let earlier: Time = sql(EARLIER).bind::<Timestamptz, _>(now).get_result(conn).await?;
    Ok(earlier.time)
}
