// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// queue-redis: what it is, what it may be told, and its one class.
#include <scanhost/plugin.h>

#include "plugins/queue/redis/redis_queue.h"

namespace {

constexpr char manifest[] = R"json({
 "name": "queue-redis", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.queue/1"}],
 "requires": [],
 "max_parallel": 256,
 "store": "shared",
 "config_schema": {"type": "object", "additionalProperties": false, "properties": {
  "url": {"type": "string", "default": "redis://127.0.0.1:6379/0", "minLength": 1, "maxLength": 512,
   "description": "redis://HOST:PORT/DATABASE, or rediss:// for TLS; with sentinels, host and port are theirs to tell"},
  "username": {"type": "string", "maxLength": 256, "description": "of an ACL user"},
  "password": {"type": "string", "x-secret": true, "maxLength": 1024, "description": "its password"},
  "tls": {"type": "object", "additionalProperties": false,
   "description": "how the server's certificate is trusted: one of ca_file, pin_sha256 and insecure; without any, by the system's authorities",
   "properties": {
   "ca_file": {"type": "string", "description": "authorities in PEM form, absolute path"},
   "pin_sha256": {"type": "string", "description": "fingerprint of exactly that certificate"},
   "insecure": {"type": "boolean", "description": "any certificate"},
   "certificate": {"type": "string", "description": "ours, in PEM form, absolute path"},
   "key": {"type": "string", "description": "its key, absolute path"}}},
  "sentinels": {"type": "array", "maxItems": 32, "items": {"type": "string", "maxLength": 512},
   "description": "HOST:PORT of Sentinels, which are asked for the master"},
  "master_name": {"type": "string", "maxLength": 256, "description": "the master's name there"},
  "sentinel_username": {"type": "string", "maxLength": 256, "description": "for the Sentinels"},
  "sentinel_password": {"type": "string", "x-secret": true, "maxLength": 1024,
   "description": "for the Sentinels"},
  "prefix": {"type": "string", "default": "scanhost", "minLength": 1, "maxLength": 64,
   "description": "begins every key, in braces"},
  "wait_replicas": {"type": "integer", "default": 0, "minimum": 0, "maximum": 16,
   "description": "how many replicas must have a write before it counts"},
  "pool": {"type": "integer", "default": 8, "minimum": 1, "maximum": 256,
   "description": "most connections"},
  "connect_timeout": {"type": "string", "default": "5s", "description": "longest wait for a connection"},
  "timeout": {"type": "string", "default": "10s", "description": "longest silence of the server"}}}})json";

}  // namespace

SCANHOST_PLUGIN(manifest, scanhost::queue_redis::RedisQueue)
