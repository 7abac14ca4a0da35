/*  =========================================================================
    egress_job.c - calls taken from others, and how they are answered

    Place: actors/egress, below egress.c.

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "egress_parts.h"

#include <troupe/rpc_call.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S_ID_SIZE 32u
//  So many headers need no memory of their own.
#define S_HEADERS_FEW 16u
//  Freed jobs that are kept for the next ones, and how large they are.
#define S_SPARE_SIZE 512u
#define S_SPARE_MOST 256u

//  --- Jobs

static troupe_egress_job_t *s_memory (troupe_egress_state_t *egress, size_t size)
{
    troupe_egress_job_t *job = egress->spare_jobs;
    if (size > S_SPARE_SIZE)
        job = malloc (sizeof *job + size);
    else if (!job)
        job = malloc (sizeof *job + S_SPARE_SIZE);
    else {
        egress->spare_jobs = job->next;
        egress->spare_count--;
    }
    if (job)
        job->spare = size <= S_SPARE_SIZE;
    return job;
}

static troupe_egress_job_t *s_new (troupe_egress_state_t *egress, size_t size)
{
    troupe_egress_job_t *job = s_memory (egress, size);
    if (!job)
        return NULL;
    job->caller = NULL;
    job->size = size;
    job->previous = NULL;
    job->next = egress->jobs;
    if (job->next)
        job->next->previous = job;
    egress->jobs = job;
    return job;
}

static void s_free (troupe_egress_state_t *egress, troupe_egress_job_t *job)
{
    if (job->previous)
        job->previous->next = job->next;
    else
        egress->jobs = job->next;
    if (job->next)
        job->next->previous = job->previous;
    if (!job->spare || egress->spare_count == S_SPARE_MOST) {
        free (job);
        return;
    }
    job->next = egress->spare_jobs;
    egress->spare_jobs = job;
    egress->spare_count++;
}

void troupe_egress_free_jobs (troupe_egress_state_t *egress)
{
    while (egress->jobs)
        s_free (egress, egress->jobs);  //  NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list
    while (egress->spare_jobs) {
        troupe_egress_job_t *job = egress->spare_jobs;
        egress->spare_jobs = job->next;
        free (job);
    }
    egress->spare_count = 0;
}

//  --- Answers of its own

static void s_fill_problem (troupe_response_t *response, int status, const char *why)
{
    troupe_response_problem (response, status, "%s", why);
    if (status == 503)
        troupe_response_header (response, "Retry-After", "1");
}

static void s_answer_problem (troupe_caller_t **caller_p, int status, const char *why)
{
    troupe_response_t *response = troupe_response_new ();
    troupe_bytes_t bytes = { NULL, 0 };
    if (response) {
        s_fill_problem (response, status, why);
        bytes = troupe_response_encoded (response);
    }
    if (bytes.data)
        troupe_answer (caller_p, bytes.data, bytes.size);
    else
        troupe_answer_failure (caller_p, "%s", why);
    troupe_response_destroy (&response);
}

void troupe_egress_job_fail (troupe_egress_state_t *egress, troupe_egress_job_t *job, troupe_outcome_t outcome)
{
    if (troupe_caller_deadline_us (job->caller) <= troupe_now_us (egress->self))
        troupe_answer_failure (&job->caller, "too late");
    else if (outcome == TROUPE_CALL_TIMEOUT)
        s_answer_problem (&job->caller, 504, "no server has answered in time");
    else if (outcome == TROUPE_CALL_FAILED)
        s_answer_problem (&job->caller, 502, "the server's answer is no response, or too large");
    else
        s_answer_problem (&job->caller, 503, "the server that had the request is lost");
    s_free (egress, job);
}

//  --- Taking a request on

//  Eight digits at once: the half bytes of 'value' are spread over eight bytes, and those above 9 become letters.
static void s_write_hexadecimal (uint32_t value, char *text)
{
    uint64_t spread = value;
    spread = (spread | spread << 16) & UINT64_C (0x0000FFFF0000FFFF);
    spread = (spread | spread << 8) & UINT64_C (0x00FF00FF00FF00FF);
    spread = (spread | spread << 4) & UINT64_C (0x0F0F0F0F0F0F0F0F);
    const uint64_t letters = (spread + UINT64_C (0x0606060606060606)) >> 4 & UINT64_C (0x0101010101010101);
    spread += UINT64_C (0x3030303030303030) + letters * ('a' - '0' - 10);
    memcpy (text, &spread, sizeof spread);
}

//  32 hexadecimal digits that nobody else has.
static void s_write_id (troupe_actor_t *self, char text [S_ID_SIZE])
{
    for (size_t at = 0; at < S_ID_SIZE; at += 16) {
        const uint64_t random = troupe_random (self);
        s_write_hexadecimal ((uint32_t) random, text + at);
        s_write_hexadecimal ((uint32_t) (random >> 32), text + at + 8);
    }
}

//  The same request with one header more; the parts have views into the request.
static troupe_egress_job_t *s_new_with_id (troupe_egress_state_t *egress, const troupe_request_t *request)
{
    char id [S_ID_SIZE];
    size_t cursor = 0, count = 0;
    troupe_header_t few [S_HEADERS_FEW];
    troupe_header_t *headers = request->headers.count < S_HEADERS_FEW
        ? few : malloc ((request->headers.count + 1) * sizeof *headers);
    if (!headers)
        return NULL;
    while (count < request->headers.count && troupe_headers_next (&request->headers, &cursor, &headers [count]))
        count++;
    s_write_id (egress->self, id);
    headers [count++] = (troupe_header_t) { troupe_text ("request-id"), { id, S_ID_SIZE } };
    troupe_request_parts_t parts = { .method = request->method, .path = request->path, .query = request->query,
                                     .headers = headers, .header_count = count, .body = request->body };
    size_t size = troupe_request_size (&parts);
    troupe_egress_job_t *job = size ? s_new (egress, size) : NULL;
    if (job)
        troupe_request_encode (&parts, job->data, size, &job->size);
    if (headers != few)
        free (headers);
    return job;
}

//  But for who has asked here: over there it is this program that asks, and who that is the server sees for itself.
static troupe_egress_job_t *s_new_as_it_is (troupe_egress_state_t *egress, const troupe_request_t *request)
{
    const void *data = troupe_message_data (request->message);
    size_t size = troupe_message_size (request->message);
    troupe_egress_job_t *job = s_new (egress, size);
    if (job && request->user.size)
        troupe_request_copy_for (data, size, troupe_text (""), job->data, size, &job->size);
    else if (job)
        memcpy (job->data, data, size);
    return job;
}

//  The same in the format of the servers.
static troupe_egress_job_t *s_new_question (troupe_egress_state_t *egress, const troupe_request_t *request)
{
    void *data = NULL;
    size_t size = 0;
    if (troupe_question_write (egress->format, request, &data, &size))
        return NULL;
    troupe_egress_job_t *job = s_new (egress, size);
    if (job)
        memcpy (job->data, data, size);
    free (data);
    return job;
}

static troupe_egress_job_t *s_new_for (troupe_egress_state_t *egress, const troupe_request_t *request, bool idempotent)
{
    if (egress->lane_count)
        return s_new_question (egress, request);
    bool named = !idempotent || troupe_request_header (request, "Request-Id").data;
    return named ? s_new_as_it_is (egress, request) : s_new_with_id (egress, request);
}

//  What waits is taken out of the queue; servers that have it are told.
static int s_on_cancelled (troupe_actor_t *self, void *state, troupe_caller_t *caller, void *context)
{
    troupe_egress_state_t *egress = state;
    troupe_egress_job_t *job = context;
    troupe_fleet_give_up (egress->fleet, job->number, troupe_now_us (self));
    troupe_answer (&caller, NULL, 0);
    s_free (egress, job);
    troupe_egress_settle (egress);
    return 0;
}

static void s_begin (troupe_egress_state_t *egress, troupe_egress_job_t *job, bool idempotent, int64_t deadline_us)
{
    troupe_error_t error = troupe_fleet_call (egress->fleet, job, idempotent, deadline_us,
                                              troupe_now_us (egress->self), &job->number);
    if (error) {
        s_answer_problem (&job->caller, 503, error == TROUPE_EFULL ? "too many requests wait for a server"
                                             : error == TROUPE_EDOWN ? "the servers fail, and are given a rest"
                                             : troupe_error_text (error));
        s_free (egress, job);
    }
    else
        troupe_caller_on_cancel (job->caller, s_on_cancelled, job);     //  Without memory it runs on to its end
    troupe_egress_settle (egress);
}

static void s_refuse (troupe_egress_state_t *egress, troupe_message_t *message, int status, const char *why)
{
    troupe_caller_t *caller = troupe_defer (egress->self, message);
    if (caller)
        s_answer_problem (&caller, status, why);
}

void troupe_egress_take (troupe_egress_state_t *egress, troupe_message_t *message)
{
    troupe_request_t request;
    if (troupe_request_from_message (message, &request)) {
        s_refuse (egress, message, 400, "malformed request");
        return;
    }
    bool idempotent = troupe_method_is_idempotent (request.method);
    troupe_egress_job_t *job = s_new_for (egress, &request, idempotent);
    if (!job) {
        s_refuse (egress, message, 503, "out of memory for the request");
        return;
    }
    job->caller = troupe_defer (egress->self, message);
    if (job->caller)
        s_begin (egress, job, idempotent, request.deadline_us);
    else
        s_free (egress, job);
}

//  --- Answers of servers

static troupe_fleet_verdict_t s_judge (troupe_outcome_t outcome, troupe_bytes_t payload)
{
    troupe_response_view_t view;
    if (outcome != TROUPE_CALL_OK)
        return outcome == TROUPE_CALL_FAILED ? TROUPE_FLEET_GOOD : TROUPE_FLEET_REFUSED;
    if (troupe_response_decode (payload.data, payload.size, &view))
        return TROUPE_FLEET_GARBAGE;
    return view.status >= 502 && view.status <= 504 ? TROUPE_FLEET_REFUSED : TROUPE_FLEET_GOOD;
}

static void s_pass_on (troupe_caller_t **caller_p, troupe_outcome_t outcome, troupe_bytes_t payload)
{
    char why [512];
    if (outcome == TROUPE_CALL_OK) {
        if (troupe_answer (caller_p, payload.data, payload.size) == TROUPE_ENOMEM)
            troupe_answer_failure (caller_p, "out of memory for the answer");
        return;
    }
    snprintf (why, sizeof why, "%s: %.*s", troupe_outcome_name (outcome),
              (int) (payload.size < 400 ? payload.size : 400), (const char *) payload.data);
    s_answer_problem (caller_p, troupe_status_of_outcome (outcome), why);
}

void troupe_egress_answered (troupe_egress_state_t *egress, uint64_t id, troupe_outcome_t outcome,
                             troupe_bytes_t payload)
{
    void *context = NULL;
    if (!troupe_fleet_answered (egress->fleet, id, s_judge (outcome, payload), troupe_now_us (egress->self), &context))
        return;
    troupe_egress_job_t *job = context;
    s_pass_on (&job->caller, outcome, payload);
    s_free (egress, job);
}
