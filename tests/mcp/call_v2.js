// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// Calls one tool with the official SDK 2.x, by revision 2026-07-28, and prints its result as JSON;
// used like call_v1.js.
import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client';
import {callAndPrint} from './call_and_print.js';

const options = {versionNegotiation: {mode: {pin: '2026-07-28'}}};
await callAndPrint(new Client({name: 'scanhost-test', version: '1'}, options),
                   StreamableHTTPClientTransport);
