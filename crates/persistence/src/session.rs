//! The table of sessions: browsers that are signed in, or that are signing in. A session is no record, so it is not in
//! the journal nor in a backup.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::{Error, Result};
use crate::head::{time, time_text};
use crate::store::Store;

pub(crate) const TABLE: &str = "session";

/// A session as it is stored. Callers read and write its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The digest of the browser's token.
    pub token: String,
    /// The reference of the caller, such as `key_3f`; empty until somebody has signed in.
    pub client: String,
    pub body: String,
    pub seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// The session of a token, also one that has expired.
    pub async fn session(&self, token: &str) -> Result<Option<StoredSession>> {
        row::Entity::find_by_id(token.to_owned()).one(self.reader()).await?.map(StoredSession::try_from).transpose()
    }

    /// Stores a new session, and removes those that have expired.
    pub async fn begin_session(&self, session: StoredSession, now: DateTime<Utc>) -> Result<()> {
        let db = self.writer()?;
        row::Entity::delete_many().filter(row::Column::ExpiresAt.lt(time_text(now))).exec(db).await?;
        let StoredSession { token, client, body, seen_at, expires_at } = session;
        let (seen_at, expires_at) = (time_text(seen_at), time_text(expires_at));
        let row = row::Model { token, client, body, seen_at, expires_at };
        row::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
        Ok(())
    }

    /// Changes the body of a session.
    pub async fn change_session(&self, token: &str, body: &str) -> Result<()> {
        let update = row::Entity::update_many().filter(row::Column::Token.eq(token));
        update.col_expr(row::Column::Body, Expr::value(body)).exec(self.writer()?).await?;
        Ok(())
    }

    /// Records that a session was used.
    pub async fn record_session_use(&self, token: &str, at: DateTime<Utc>) -> Result<()> {
        let at = time_text(at);
        let update =
            row::Entity::update_many().filter(row::Column::Token.eq(token)).filter(row::Column::SeenAt.lt(at.clone()));
        update.col_expr(row::Column::SeenAt, Expr::value(at)).exec(self.writer()?).await?;
        Ok(())
    }

    pub async fn end_session(&self, token: &str) -> Result<()> {
        row::Entity::delete_by_id(token.to_owned()).exec(self.writer()?).await?;
        Ok(())
    }

    /// Ends all sessions of a caller. Returns how many there were.
    pub async fn end_sessions_of(&self, client: &str) -> Result<u64> {
        let delete = row::Entity::delete_many().filter(row::Column::Client.eq(client));
        Ok(delete.exec(self.writer()?).await?.rows_affected)
    }
}

impl TryFrom<row::Model> for StoredSession {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { token, client, body, seen_at, expires_at } = row;
        let moment = |text: &str, column| time(text).ok_or_else(|| Error::corrupt(TABLE, column, "?"));
        Ok(Self {
            seen_at: moment(&seen_at, "seen_at")?,
            expires_at: moment(&expires_at, "expires_at")?,
            token,
            client,
            body,
        })
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) token: String,
        pub(crate) client: String,
        pub(crate) body: String,
        pub(crate) seen_at: String,
        pub(crate) expires_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
