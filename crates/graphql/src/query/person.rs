//! Queries about people and API keys.

use async_graphql::{Context, Object};
use registry::error::Error;

use crate::api_key::{ApiKey, ApiKeyConnection};
use crate::connection::arguments::Paging;
use crate::connection::in_order;
use crate::context::request_context;
use crate::person::{People, PersonConnection};
use crate::scalar::DistrictCode;

#[derive(Debug, Clone, Copy, Default)]
pub struct PersonQuery;

#[Object(serial)]
impl PersonQuery {
    /// The people (人员) who sign in by an identity provider, in the order of their registration. A steward sees all;
    /// others see themselves and those with a grant for one of their districts.
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: people with a grant for this district.")] district: Option<DistrictCode>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<PersonConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let people = People::load(request_context(ctx)).await?.of(district.map(|code| code.0));
        Ok(paging.cut(in_order(people.into_iter().map(|(id, person)| (id.to_string(), person))))?.into())
    }

    /// The API keys (接口密钥), in the order in which they were issued. Only stewards see them.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter: keys of this district.")] district: Option<DistrictCode>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ApiKeyConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        let keys = ApiKey::fetch_all(request_context(ctx), district.map(|code| code.0)).await?;
        Ok(paging.cut(in_order(keys.into_iter().map(|(id, key)| (id.to_string(), key))))?.into())
    }
}
