//! From the Authorization header to a viewer, before anything else of the request is read.

use super::{App, refusal::Refusal};
use crate::authz::{
    Viewer,
    token::{self, TokenError},
};
use actix_web::{HttpRequest, http::header};
use std::net::{IpAddr, Ipv4Addr};

/// Who asks. Failures count against the address, requests against the user and the client application.
pub(super) async fn viewer(app: &App, request: &HttpRequest) -> Result<Viewer, Refusal> {
    match verified(app, request).await {
        Ok(viewer) => {
            app.rates.check_user(&viewer.user, &viewer.client)?;
            Ok(viewer)
        }
        Err(error) => {
            app.rates.check_address(address(app, request))?;
            Err(Refusal::token(error))
        }
    }
}

async fn verified(app: &App, request: &HttpRequest) -> Result<Viewer, TokenError> {
    Ok(signed_in(app, bearer(request)?).await?.viewer)
}

/// Who asks, for longer than a request.
pub(super) struct SignedIn {
    /// The token, so that it can be looked at again.
    pub(super) token: String,
    pub(super) viewer: Viewer,
    /// When the token expires, Unix seconds.
    pub(super) until: i64,
}

/// Who a token says it is, as far as the user table agrees.
pub(super) async fn signed_in(app: &App, token: &str) -> Result<SignedIn, TokenError> {
    let (viewer, until) = token::verify_until(
        token,
        &app.keys,
        app.config.tokens.leeway_seconds,
        app.clock.now_ms() / 1_000,
    )?;
    app.directory.check(&viewer).await?;
    Ok(SignedIn {
        token: token.to_owned(),
        viewer,
        until,
    })
}

/// Who opens a socket, where its header says so; a browser can't set one and says it in its first message.
pub(super) async fn by_header(
    app: &App,
    request: &HttpRequest,
) -> Result<Option<SignedIn>, Refusal> {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let found = match bearer(request) {
        Ok(token) => signed_in(app, token).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(signed_in) => Ok(Some(signed_in)),
        Err(error) => {
            app.rates.check_address(address(app, request))?;
            Err(Refusal::token(error))
        }
    }
}

/// The one bearer token of a request.
fn bearer(request: &HttpRequest) -> Result<&str, TokenError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let value = headers.next().ok_or(TokenError::Missing)?;
    if headers.next().is_some() {
        return Err(TokenError::Malformed);
    }
    bearer_of(value.to_str().map_err(|_| TokenError::Malformed)?)
}

/// The token of a value such as `Bearer x.y.z`.
pub(super) fn bearer_of(value: &str) -> Result<&str, TokenError> {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(TokenError::Missing),
    }
}

/// The sender's address; the last entry of X-Forwarded-For behind a proxy of ours, the one it wrote itself.
pub(super) fn address(app: &App, request: &HttpRequest) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !app.config.http.behind_proxy {
        return peer;
    }
    request
        .headers()
        .get_all("x-forwarded-for")
        .last()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(peer)
}
