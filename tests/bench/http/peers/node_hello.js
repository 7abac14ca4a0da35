//  http/peers/node_hello.js - node's own HTTP server, one process
//
//  Place: tests/bench. GET answers "Hello World!!", POST the request's body.
//  Usage: node node_hello.js PORT
//
//  SPDX-License-Identifier: MPL-2.0

'use strict';
const http = require ('http');

function answer (response, body)
{
    response.writeHead (200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
    response.end (body);
}

const hello = Buffer.from ('Hello World!!');

const server = http.createServer ((request, response) => {
    if (request.method !== 'POST')
        return answer (response, hello);
    const pieces = [];
    request.on ('data', piece => pieces.push (piece));
    request.on ('end', () => answer (response, Buffer.concat (pieces)));
});
server.listen (Number (process.argv [2]), '127.0.0.1', 1024);
