//! GET `/graphql` as a WebSocket: subscriptions, by the sub-protocol graphql-transport-ws.
//!
//! The library has an implementation of its own; it knows neither our walls before an operation runs nor the protocol's codes
//! of closing. A document that subscribes passes the same walls as a request, and besides: messages, subscriptions and sockets
//! are limited, a client that does not read is cut off, and the socket ends with its token. What a client misses by that it gets
//! when it comes back with its cursor.

use super::{
    App,
    authn::{self, SignedIn},
    graphql::{Asked, Method, admitted, document, internal, refuse},
    negotiation::Media,
    refusal::Refusal,
    request::Parameters,
};
use crate::{
    authz::{Viewer, token::TokenError},
    graphql::{execute::RequestId, language::Language, rewrite},
};
use actix_web::{
    HttpRequest, HttpResponse,
    guard::{Guard, GuardContext},
    http::{StatusCode, header},
    web,
};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, ProtocolError, Session};
use async_graphql::{Request, Response};
use futures_util::{
    StreamExt,
    stream::{self, AbortHandle, BoxStream, SelectAll, abortable},
};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

const PROTOCOL: &str = "graphql-transport-ws";
/// Longer ids of subscriptions are no ids: the client chooses them, and we keep them.
const LONGEST_ID: usize = 200;
/// Pings that a client may leave unanswered.
const MOST_UNANSWERED: u32 = 2;

/// The requests that ask for a socket.
pub(super) struct Upgrade;

impl Guard for Upgrade {
    fn check(&self, ctx: &GuardContext<'_>) -> bool {
        let upgrade = ctx.head().headers().get(header::UPGRADE);
        upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
    }
}

pub(super) async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let asked = Asked::of(&app, &request, Media::Json);
    let header = match check(&app, &request).await {
        Ok(header) => header,
        Err(refusal) => return refuse(&app, &asked, None, None, &refusal),
    };
    let opened = actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]);
    let Ok((response, session, messages)) = opened else {
        let refusal = Refusal::bad_request("WebSocket 握手无效。", "The handshake is not valid.");
        return refuse(&app, &asked, None, None, &refusal);
    };
    let most = app.config.sockets.message_bytes;
    let messages = messages
        .max_frame_size(most)
        .aggregate_continuations()
        .max_continuation_size(most);
    let socket = Socket {
        address: authn::address(&app, &request),
        language: asked.language,
        request_id: asked.request_id,
        app,
        session,
        header,
        entered: None,
        running: HashMap::new(),
        events: SelectAll::new(),
    };
    actix_web::rt::spawn(socket.serve(messages));
    response
}

/// Whether a socket may be opened at all, and by whom, where a header says so.
async fn check(app: &App, request: &HttpRequest) -> Result<Option<SignedIn>, Refusal> {
    if !app.is_ready() {
        return Err(Refusal::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            "服务正在停止，请稍后重试。",
            "The server is stopping; try again in a moment.",
        )
        .header(header::RETRY_AFTER, "1"));
    }
    // No cookie says who it is, so another site could open a socket but not sign in; it is refused all the same.
    if !is_origin_allowed(app, request) {
        return Err(Refusal::of(
            StatusCode::FORBIDDEN,
            "ORIGIN",
            "不允许从此来源打开 WebSocket。",
            "Sockets may not be opened from this origin.",
        ));
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let mut offered = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    if !offered.any(|protocol| protocol.trim() == PROTOCOL) {
        return Err(Refusal::of(
            StatusCode::BAD_REQUEST,
            "SUB_PROTOCOL",
            "WebSocket 子协议必须是 graphql-transport-ws。",
            "The sub-protocol of the socket must be graphql-transport-ws.",
        ));
    }
    authn::by_header(app, request).await
}

/// A browser says where its page comes from: from here, or from where pages may call.
fn is_origin_allowed(app: &App, request: &HttpRequest) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let own = origin.split_once("://").map(|(_, authority)| authority);
    own.is_some() && own == host || app.config.http.origins.iter().any(|of| of == origin)
}

/// The sockets of each user in this process.
#[derive(Default)]
pub(super) struct Sockets(Mutex<HashMap<u64, usize>>);

impl Sockets {
    fn counts(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket of a user, counted until it is dropped.
struct Place {
    app: web::Data<App>,
    user: u64,
}

impl Place {
    fn take(app: &web::Data<App>, user: &str) -> Option<Self> {
        let mut hasher = DefaultHasher::new();
        user.hash(&mut hasher);
        let user = hasher.finish();
        let mut counts = app.sockets.counts();
        let count = counts.entry(user).or_default();
        if *count >= app.config.sockets.per_user {
            return None;
        }
        *count += 1;
        app.metrics.sockets.inc();
        Some(Place {
            app: app.clone(),
            user,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.metrics.sockets.dec();
        let mut counts = self.app.sockets.counts();
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

/// How a socket ends.
enum End {
    /// The client is gone, or does not read what we send.
    Gone,
    /// With a code, and a word for the client's developer.
    Close(u16, String),
}

/// What is done on a socket: on, or its end.
type Step = Result<(), End>;

fn close<T>(code: u16, reason: &str) -> Result<T, End> {
    Err(End::Close(code, reason.to_owned()))
}

fn bad_message<T>(reason: &str) -> Result<T, End> {
    close(4400, reason)
}

/// Who has signed in on a socket.
struct Entered {
    token: String,
    viewer: Arc<Viewer>,
    until: Instant,
    _place: Place,
}

/// What a subscription tells.
struct Event {
    id: String,
    message: String,
    /// Whether the subscription ends with it.
    last: bool,
}

struct Socket {
    app: web::Data<App>,
    session: Session,
    /// Who the header of the handshake says it is.
    header: Option<SignedIn>,
    address: IpAddr,
    language: Language,
    request_id: RequestId,
    entered: Option<Entered>,
    running: HashMap<String, AbortHandle>,
    events: SelectAll<BoxStream<'static, Event>>,
}

impl Socket {
    async fn serve(mut self, mut messages: actix_ws::AggregatedMessageStream) {
        let Err(end) = self.talk(&mut messages).await;
        let department = self
            .entered
            .as_ref()
            .map(|entered| tracing::field::display(entered.viewer.department));
        let request_id = self.request_id.0.as_str();
        match end {
            End::Gone => tracing::info!(request_id, department, "socket lost"),
            End::Close(code, reason) => {
                tracing::info!(request_id, department, code, "socket closed");
                let reason = CloseReason {
                    code: CloseCode::from(code),
                    description: Some(reason),
                };
                let patience = Duration::from_secs(self.app.config.http.write_seconds);
                // Who does not read this either is cut off.
                drop(timeout(patience, self.session.close(Some(reason))).await);
            }
        }
    }

    async fn talk(
        &mut self,
        messages: &mut actix_ws::AggregatedMessageStream,
    ) -> Result<Infallible, End> {
        let options = self.app.config.sockets.clone();
        let enter_by = Instant::now() + Duration::from_secs(options.init_seconds);
        let every = Duration::from_secs(options.ping_seconds);
        let mut pings = interval_at(Instant::now() + every, every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let every = Duration::from_secs(self.app.config.tokens.recall_seconds);
        let mut looks = interval_at(Instant::now() + every, every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut stopping, mut unanswered) = (self.app.stopping.subscribe(), 0);
        loop {
            let until = self.entered.as_ref().map(|entered| entered.until);
            tokio::select! {
                message = messages.recv() => {
                    unanswered = 0;
                    self.message(message).await?;
                }
                Some(event) = self.events.next(), if !self.events.is_empty() => self.tell(event).await?,
                () = sleep_until(until.unwrap_or(enter_by)) => {
                    return match until {
                        Some(_) => close(4403, "Forbidden: the token has expired"),
                        None => close(4408, "Connection initialisation timeout"),
                    };
                }
                _ = pings.tick() => {
                    if unanswered == MOST_UNANSWERED {
                        return Err(End::Gone);
                    }
                    unanswered += 1;
                    self.ping().await?;
                }
                _ = looks.tick() => self.look().await?,
                _ = stopping.wait_for(|stopping| *stopping) => return close(1012, "The server stops"),
            }
        }
    }

    async fn message(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Step {
        match message {
            Some(Ok(AggregatedMessage::Text(text))) => self.text(&text).await,
            Some(Ok(AggregatedMessage::Binary(_))) => bad_message("Messages are text"),
            Some(Ok(AggregatedMessage::Ping(bytes))) => {
                let mut session = self.session.clone();
                self.sent(async move { session.pong(&bytes).await }).await
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Close(_))) => close(1000, ""),
            Some(Err(ProtocolError::Overflow)) => close(1009, "The message is too large"),
            Some(Err(ProtocolError::Io(error))) if is_too_long(&error) => {
                close(1009, "The message is too large")
            }
            None | Some(Err(ProtocolError::Io(_))) => Err(End::Gone),
            Some(Err(_)) => close(1002, "Not a WebSocket frame"),
        }
    }

    async fn text(&mut self, text: &str) -> Step {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return bad_message("A message is a JSON object");
        };
        let kind = message.remove("type");
        let payload = message.remove("payload").unwrap_or_default();
        if !matches!(payload, Value::Null | Value::Object(_)) {
            return bad_message("The payload of a message is an object");
        }
        match kind.as_ref().and_then(Value::as_str) {
            Some("connection_init") => self.enter(&payload).await,
            Some("ping") => {
                let mut pong = json!({ "type": "pong" });
                if !payload.is_null() {
                    pong["payload"] = payload;
                }
                self.send(pong.to_string()).await
            }
            Some("pong") => Ok(()),
            Some("subscribe") => match (id_of(&message), payload) {
                (Some(id), Value::Object(payload)) => self.subscribe(id, payload).await,
                _ => bad_message("A subscribe message has an id and a payload"),
            },
            Some("complete") => match id_of(&message) {
                Some(id) => {
                    self.forget(&id);
                    Ok(())
                }
                None => bad_message("A complete message has an id"),
            },
            _ => bad_message("There is no message of this type"),
        }
    }

    async fn enter(&mut self, payload: &Value) -> Step {
        if self.entered.is_some() {
            return close(4429, "Too many initialisation requests");
        }
        let found = match token_of(payload) {
            Some(value) => match authn::bearer_of(value) {
                Ok(token) => authn::signed_in(&self.app, token).await,
                Err(error) => Err(error),
            },
            None => self.header.take().ok_or(TokenError::Missing),
        };
        let signed_in = match found {
            Ok(signed_in) => signed_in,
            Err(TokenError::DirectoryDown) => return close(1013, "Try again later"),
            Err(error) => {
                // Who fails too often is not even let in to try.
                drop(self.app.rates.check_address(self.address));
                return close(4403, &format!("Forbidden: {}", error.reason()));
            }
        };
        let viewer = signed_in.viewer;
        let Some(place) = Place::take(&self.app, &viewer.user) else {
            return close(4429, "Too many sockets of this user");
        };
        let left_ms = signed_in.until.saturating_mul(1_000) - self.app.clock.now_ms();
        let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or_default());
        self.entered = Some(Entered {
            token: signed_in.token,
            viewer: Arc::new(viewer),
            until: Instant::now() + left,
            _place: place,
        });
        self.send(json!({ "type": "connection_ack" }).to_string())
            .await
    }

    async fn subscribe(&mut self, id: String, payload: Map<String, Value>) -> Step {
        let Some(entered) = &self.entered else {
            return close(4401, "Unauthorized");
        };
        if self.running.contains_key(&id) {
            return close(4409, &format!("Subscriber for {id} already exists"));
        }
        let viewer = entered.viewer.clone();
        match self.responses(&viewer, payload).await {
            Ok(responses) => {
                let (responses, handle) = abortable(responses);
                self.events.push(self.events_of(&id, responses.boxed()));
                self.running.insert(id, handle);
                Ok(())
            }
            Err(refusal) => {
                let code = refusal.code();
                self.app.metrics.refusals.with_label_values(&[code]).inc();
                tracing::info!(request_id = self.request_id.0, code, "subscription refused");
                let error = refusal.error(self.language, &self.request_id.0);
                self.send(json!({ "id": id, "type": "error", "payload": [error] }).to_string())
                    .await
            }
        }
    }

    /// What a document tells, after it has passed the walls that a request passes.
    async fn responses(
        &self,
        viewer: &Arc<Viewer>,
        payload: Map<String, Value>,
    ) -> Result<BoxStream<'static, Response>, Refusal> {
        let most = self.app.config.sockets.subscriptions;
        if self.running.len() >= most {
            return Err(Refusal::of_document(
                "TOO_MANY_SUBSCRIPTIONS",
                &format!("一个连接最多 {most} 个订阅。"),
                &format!("At most {most} subscriptions on one socket."),
            ));
        }
        self.app.rates.check_user(&viewer.user, &viewer.client)?;
        let parameters = Parameters::of_object(payload)?;
        let document = document(&self.app, viewer, &parameters)?;
        let admitted = admitted(&self.app, viewer, Method::Message, &document, &parameters);
        let (operation, cost) = admitted.map_err(|(refusal, _)| refusal)?;
        // There must be room to begin; what comes later is a page at a time.
        drop(self.app.room.enter(cost).await?);
        let mut request = Request::new("")
            .variables(parameters.variables)
            .data(self.request_id.clone());
        request.operation_name = operation.name.as_ref().map(ToString::to_string);
        let (graph, language) = (&self.app.graph, self.language);
        Ok(graph.subscribe(request, &document, viewer.clone(), language))
    }

    /// The messages of a subscription, its end included. A panic of a resolver ends here.
    fn events_of(
        &self,
        id: &str,
        responses: BoxStream<'static, Response>,
    ) -> BoxStream<'static, Event> {
        let (app, language) = (self.app.clone(), self.language);
        let (id, request_id) = (id.to_owned(), self.request_id.clone());
        let complete = Event {
            message: json!({ "id": id, "type": "complete" }).to_string(),
            id: id.clone(),
            last: true,
        };
        let responses = AssertUnwindSafe(responses).catch_unwind();
        let events = responses.map(move |response| {
            let (kind, payload) = match response {
                Ok(response) => told(&app, response, language, &request_id),
                Err(_) => {
                    app.metrics.panics.inc();
                    tracing::error!("a resolver panicked");
                    ("error", json!([internal().error(language, &request_id.0)]))
                }
            };
            let message = json!({ "id": id, "type": kind, "payload": payload }).to_string();
            Event {
                id: id.clone(),
                message,
                last: kind == "error",
            }
        });
        events.chain(stream::once(async { complete })).boxed()
    }

    async fn tell(&mut self, event: Event) -> Step {
        // What came after its end is nobody's.
        if !self.running.contains_key(&event.id) {
            return Ok(());
        }
        if event.last {
            self.forget(&event.id);
        }
        self.send(event.message).await
    }

    fn forget(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// Whether the client may still be there: its key may be retired, and its user disabled.
    async fn look(&self) -> Step {
        let Some(entered) = &self.entered else {
            return Ok(());
        };
        match authn::signed_in(&self.app, &entered.token).await {
            Ok(_) | Err(TokenError::DirectoryDown) => Ok(()),
            Err(error) => close(4403, &format!("Forbidden: {}", error.reason())),
        }
    }

    /// Asks whether the client is still there.
    async fn ping(&self) -> Step {
        let mut session = self.session.clone();
        self.sent(async move { session.ping(b"").await }).await
    }

    async fn send(&mut self, message: String) -> Step {
        let mut session = self.session.clone();
        self.sent(async move { session.text(message).await }).await
    }

    /// Waits until a message is on its way; not for ever.
    async fn sent(&self, sending: impl Future<Output = Result<(), actix_ws::Closed>>) -> Step {
        let patience = Duration::from_secs(self.app.config.http.write_seconds);
        match timeout(patience, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

/// What kind of message a response is, and its payload.
fn told(
    app: &App,
    mut response: Response,
    language: Language,
    request_id: &RequestId,
) -> (&'static str, Value) {
    let faults = rewrite::rewrite(&mut response, app.graph.shape(), language, &request_id.0);
    app.metrics.faults.inc_by(faults as u64);
    if faults > 0 {
        tracing::error!(faults, "resolver errors without a code");
    }
    if response.errors.is_empty() {
        app.metrics.events.inc();
        return ("next", json!({ "data": response.data }));
    }
    ("error", json!(response.errors))
}

/// So the library says that the parts of a message came to too much; it has no kind of error for it.
fn is_too_long(error: &std::io::Error) -> bool {
    error.to_string().contains("continuation size")
}

fn id_of(message: &Map<String, Value>) -> Option<String> {
    let id = message.get("id").and_then(Value::as_str);
    id.filter(|id| (1..=LONGEST_ID).contains(&id.len()))
        .map(ToOwned::to_owned)
}

/// The value that a payload says in place of the header, however it is spelt.
fn token_of(payload: &Value) -> Option<&str> {
    let payload = payload.as_object()?;
    let (_, value) = payload
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
    // What is no text is a bad token, not none.
    Some(value.as_str().unwrap_or_default())
}
