// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Host service: the one HTTP listener. The host does TLS, authentication, Origin and Host checks,
/// limits and timeouts; a plugin mounts routes, reads bodies in chunks, answers at once or later, or
/// opens a stream. Neither a stream nor an answer that is still due holds a thread: writes never
/// block, their buffers are bounded, and a peer that does not read is dropped.
#ifndef SCANHOST_ABI_HTTP_H
#define SCANHOST_ABI_HTTP_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCANHOST_HTTP_ID "scanhost.host.http/1"
#define SCANHOST_HTTP_REVISION 0

/// Who asks, as the host found out.
typedef struct scanhost_caller {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text subject;    ///< a name, unique per identity; "anonymous" without authentication
  scanhost_texts roles;     ///< "viewer", "client", "operator", "metrics"
  int64_t expires_us;       ///< when the identity ends; microseconds UTC, 0 never
  /// What its roles come to, in the words that `forbid` takes: "scanhost:read", "scanhost:scan",
  /// "scanhost:admin", "scanhost:metrics".
  scanhost_texts scopes;
} scanhost_caller;

/// A request within its handler; its functions only there, on the handler's thread.
typedef struct scanhost_http_request {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_text method;          ///< upper case
  scanhost_text path;            ///< decoded, without "." and ".."
  scanhost_text query;           ///< as sent, without '?'
  scanhost_text remote_address;
  const scanhost_caller* caller;
  const scanhost_call* call;     ///< cancelled when the peer goes away or the node stops
  /// The value of a header by its name, in any case; several of one name are joined by ", ". `data`
  /// is null when it is absent.
  scanhost_text (*header)(void* context, scanhost_text name);
  /// Reads more of the body; `*got` is 0 at its end. Fails when the peer stalls, or the body is
  /// over the limit (unsupported; the host has answered 413 then).
  scanhost_status (*read)(void* context, uint8_t* buffer, uint64_t size, uint64_t* got);
} scanhost_http_request;

/// An open stream. Its functions are [any] until `release`, which gives up the reference and must
/// come exactly once; a stream that is still open is closed by it.
typedef struct scanhost_http_stream {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  /// Queues bytes. busy when the buffer cannot take them (the stream is then closed), cancelled
  /// when it is closed.
  scanhost_status (*write)(void* context, scanhost_bytes bytes);
  /// Ends it after what is queued.
  void (*close)(void* context);
  void (*release)(void* context);
} scanhost_http_stream;

/// What a plugin hears of its stream: `closed` exactly once, from any thread, whoever ended it.
typedef struct scanhost_http_stream_options {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  void (*closed)(void* user);
  /// Bytes to send whenever nothing was sent for that long; 0: never.
  int64_t keep_alive_ns;
  scanhost_bytes keep_alive;
  /// How much may be unsent before the stream is closed; 0, or more than the host allows: its limit.
  uint64_t buffer_bytes;
} scanhost_http_stream_options;

/// A request whose handler has returned, or will, without an answer. Its functions are [any] and
/// never block, until `release`, which gives up the reference and must come exactly once; what was
/// not answered by then is answered 500. At most one of `send` and `stream`, once; cancelled when
/// the request is over already, busy when the host had to answer 503 instead.
typedef struct scanhost_http_deferred {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*send)(void* context, int32_t code, scanhost_pairs headers, scanhost_bytes body);
  scanhost_status (*stream)(void* context, int32_t code, scanhost_pairs headers,
                            const scanhost_http_stream_options* options,
                            const scanhost_http_stream** stream);
  void (*release)(void* context);
} scanhost_http_deferred;

/// What a plugin hears of a request it deferred: `gone` exactly once, when it is over. Within
/// `send`, `stream` or `release` when that ends it, so hold no lock there that `gone` takes; from
/// another thread, perhaps before `defer` returns, when the peer goes away or the node stops.
typedef struct scanhost_http_deferred_options {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  void (*gone)(void* user);
} scanhost_http_deferred_options;

/// The answer: exactly one of `send`, `stream`, `defer` and `forbid`, once. A handler that returns without
/// any answers 500.
typedef struct scanhost_http_response {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*send)(void* context, int32_t code, scanhost_pairs headers, scanhost_bytes body);
  /// Sends the head and makes the connection a stream of its own, which outlives the handler.
  scanhost_status (*stream)(void* context, int32_t code, scanhost_pairs headers,
                            const scanhost_http_stream_options* options,
                            const scanhost_http_stream** stream);
  /// Lets the handler return now and the answer come later; the body is to be read before. busy when
  /// too many are due already: 503 goes out when the handler returns.
  scanhost_status (*defer)(void* context, const scanhost_http_deferred_options* options,
                           const scanhost_http_deferred** deferred);
  /// Answers 403 to a caller who may not do this, and tells which scopes would be needed, all of
  /// them, and where such a token can be had (RFC 6750, RFC 9728). Instead of `send`.
  scanhost_status (*forbid)(void* context, scanhost_texts scopes, scanhost_pairs headers,
                            scanhost_bytes body);
} scanhost_http_response;

/// Needs no caller: health, well-known documents.
#define SCANHOST_ROUTE_OPEN (1u << 0)
/// Refuses a foreign Origin or Host (DNS rebinding) before the handler runs.
#define SCANHOST_ROUTE_CHECK_ORIGIN (1u << 1)
/// What clients get tokens for: where an authorization server is configured, the host describes it
/// under /.well-known/oauth-protected-resource (RFC 9728) and says so in its challenges.
#define SCANHOST_ROUTE_RESOURCE (1u << 2)

typedef struct scanhost_http_route {
  uint32_t struct_size;
  uint32_t flags;           ///< SCANHOST_ROUTE_*
  scanhost_texts methods;
  scanhost_text path;       ///< exact, or ending in "/*"
  void* user;
  /// Runs on a thread of the listener's pool: many at once, and may block as a request may. [worker]
  void (*handle)(void* user, const scanhost_http_request* request,
                 const scanhost_http_response* response);
} scanhost_http_route;

typedef struct scanhost_http {
  scanhost_service base;
  /// Mounts a route; config when its path is taken. [any]
  scanhost_status (*route)(const scanhost_host* host, const scanhost_call* call,
                           const scanhost_http_route* route, void** handle);
  /// Takes a route down and returns when no handler runs any more; never from a handler. [worker]
  void (*unroute)(const scanhost_host* host, void* handle);
} scanhost_http;

SCANHOST_ABI_ASSERT(sizeof(scanhost_caller) == 64, "scanhost_caller grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_request) == 112, "scanhost_http_request grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_stream) == 40, "scanhost_http_stream grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_stream_options) == 56, "scanhost_http_stream_options grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_deferred) == 40, "scanhost_http_deferred grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_deferred_options) == 24, "scanhost_http_deferred_options grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_response) == 48, "scanhost_http_response grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http_route) == 56, "scanhost_http_route grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_http) == 24, "scanhost_http grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
