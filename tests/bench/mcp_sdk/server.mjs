// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

// The official TypeScript SDK's server with one tool, as its guide has it: node server.mjs TOOL STRUCTURED
// answers every call of TOOL with that JSON, as structured content and as its text.
import { createServer } from 'node:http';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import * as z from 'zod';

const [tool, text] = process.argv.slice(2);
const answer = { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };

function makeServer() {
  const server = new McpServer({ name: 'peer', version: '1.0.0' });
  server.registerTool(tool, { description: 'Always the same.', inputSchema: z.object({}) }, async () => answer);
  return server;
}

const validateHost = localhostHostValidation();
const validateOrigin = localhostOriginValidation();
const serve = toNodeHandler(createMcpHandler(makeServer, { responseMode: 'json' }));
const http = createServer((request, response) => {
  if (validateHost(request, response) && validateOrigin(request, response)) serve(request, response);
});
http.listen(0, '127.0.0.1', () => console.error(`peer on 127.0.0.1:${http.address().port}`));
