// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// Calls one tool with the official SDK 1.x, in a session, and prints its result as JSON:
//
//     node call_v1.js http://127.0.0.1:8835/mcp list_tasks '{"limit":5}'
//
// SCANHOST_TOKEN, when set, is sent as bearer token.
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {callAndPrint} from './call_and_print.js';

await callAndPrint(new Client({name: 'scanhost-test', version: '1'}), StreamableHTTPClientTransport);
