use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// A statement written in SQL that every connection prepares once.
///
/// Diesel prepares its own `sql_query` anew each time, which costs a round trip; on a hot path that shows.
pub fn sql(text: &'static str) -> Sql {
    Sql { text, binds: () }
}

/// A statement and what is bound to it so far, in order.
#[must_use = "it does nothing until it is run"]
pub struct Sql<B = ()> {
    text: &'static str,
    binds: B,
}

/// A bound value of SQL type `T`.
pub struct Bind<V, T>(V, PhantomData<fn() -> T>);

impl<B> Sql<B> {
    /// Binds the next parameter.
    pub fn bind<T, V>(self, value: V) -> Sql<(B, Bind<V, T>)>
    where
        V: ToSql<T, Pg>,
        Pg: HasSqlType<T>,
    {
        Sql { text: self.text, binds: (self.binds, Bind(value, PhantomData)) }
    }
}

/// Parameters in order.
pub trait Binds {
    /// Hands them to the query builder.
    ///
    /// # Errors
    /// When a value cannot be encoded.
    fn walk<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl Binds for () {
    fn walk<'b>(&'b self, _: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

impl<B, V, T> Binds for (B, Bind<V, T>)
where
    B: Binds,
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn walk<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk(out.reborrow())?;
        out.push_bind_param_value_only(&self.1.0)
    }
}

impl<B: Binds> QueryFragment<Pg> for Sql<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.binds.walk(out.reborrow())?;
        out.push_sql(self.text);
        Ok(())
    }
}

impl<B> QueryId for Sql<B> {
    type QueryId = ();

    // The text identifies it.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> Query for Sql<B> {
    type SqlType = Untyped;
}
