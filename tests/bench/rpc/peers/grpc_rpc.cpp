/*  =========================================================================
    rpc/peers/grpc_rpc.cpp - gRPC, asynchronous unary calls, the same calls

    Place: tests/bench. Over tcp to another process, without encryption; at
    each end one thread that takes from one completion queue.
    Usage: grpc_rpc WINDOW COUNT

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

#include "../../common/other.h"
#include "../../common/report.h"
#include "../../common/users.h"

#include "users.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

constexpr long warm_up = 1000;
constexpr int server_calls = 64;

//  --- The server

//  One call: waits to be asked, answers, begins again as another.
struct Answerer {
    bench::Users::AsyncService &service;
    grpc::ServerCompletionQueue &queue;
    const bench_user_t *users;
    grpc::ServerContext context;
    bench::Question question;
    grpc::ServerAsyncResponseWriter<bench::Answer> writer {&context};
    bool answered = false;

    Answerer (bench::Users::AsyncService &service, grpc::ServerCompletionQueue &queue, const bench_user_t *users)
        : service (service), queue (queue), users (users)
    {
        service.RequestAsk (&context, &question, &writer, &queue, &queue, this);
    }

    void proceed ()
    {
        if (answered) {
            delete this;
            return;
        }
        new Answerer (service, queue, users);
        const std::string &path = question.path ();
        const size_t head = std::strlen (BENCH_USERS_FOLDER);
        const bool known = question.method () == BENCH_USERS_METHOD && path.compare (0, head, BENCH_USERS_FOLDER) == 0;
        const bench_user_t *user = known ? bench_users_find (users, path.data () + head, path.size () - head) : nullptr;
        bench::Answer answer;
        answer.set_status (user ? 200 : 404);
        if (user)
            answer.set_body (user->answer, user->answer_size);
        answered = true;
        writer.Finish (answer, grpc::Status::OK, this);
    }
};

void serve (const char *, void *)
{
    int port = 0;
    bench::Users::AsyncService service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort ("127.0.0.1:0", grpc::InsecureServerCredentials (), &port);
    builder.RegisterService (&service);
    auto queue = builder.AddCompletionQueue ();
    auto server = builder.BuildAndStart ();
    bench_check (server != nullptr && port > 0, "server");
    const bench_user_t *users = bench_users_new ();
    for (int index = 0; index < server_calls; index++)
        new Answerer (service, *queue, users);
    bench_other_ready (("127.0.0.1:" + std::to_string (port)).c_str ());
    void *tag = nullptr;
    bool good = false;
    while (queue->Next (&tag, &good)) {
        bench_check (good, "server's call");
        static_cast<Answerer *> (tag)->proceed ();
    }
}

//  --- The caller

struct Call {
    const bench_user_t *user;
    int64_t sent_ns;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<bench::Answer>> reader;
    bench::Answer answer;
    grpc::Status status;
};

void ask (bench::Users::Stub &stub, grpc::CompletionQueue &queue, Call &call)
{
    bench::Question question;
    call.sent_ns = bench_now_ns ();
    question.set_method (BENCH_USERS_METHOD);
    question.set_path (call.user->path, call.user->path_size);
    question.set_body (BENCH_USERS_BODY, sizeof BENCH_USERS_BODY - 1);
    call.context = std::make_unique<grpc::ClientContext> ();
    call.reader = stub.AsyncAsk (call.context.get (), question, &queue);
    call.reader->Finish (&call.answer, &call.status, &call);
}

void measure (const char *endpoint, long window, long count)
{
    auto stub = bench::Users::NewStub (grpc::CreateChannel (endpoint, grpc::InsecureChannelCredentials ()));
    grpc::CompletionQueue queue;
    bench_user_t *users = bench_users_new ();
    std::vector<Call> calls (static_cast<size_t> (window));
    std::vector<int64_t> samples (static_cast<size_t> (count));
    long sent = 0;
    int64_t began = 0;
    for (Call &call : calls) {
        call.user = &users [sent++ % BENCH_USERS];
        ask (*stub, queue, call);
    }
    for (long index = 0; index < count + warm_up; index++) {
        void *tag = nullptr;
        bool good = false;
        bench_check (queue.Next (&tag, &good) && good, "call");
        Call &call = *static_cast<Call *> (tag);
        bench_check (call.status.ok (), call.status.error_message ().c_str ());
        bench_users_check (call.user, call.answer.status (), call.answer.body ().data (), call.answer.body ().size ());
        if (index >= warm_up)
            samples [static_cast<size_t> (index - warm_up)] = bench_now_ns () - call.sent_ns;
        else if (index == warm_up - 1)
            began = bench_now_ns ();
        if (sent < count + warm_up) {
            call.user = &users [sent++ % BENCH_USERS];
            ask (*stub, queue, call);
        }
    }
    bench_print_rate ("rate", count, began);
    bench_print_percentiles ("latency", samples.data (), samples.size ());
}

}

int main (int argc, char **argv)
{
    const long window = bench_number (argc, argv, 1, 64);
    const long count = bench_count (argc, argv, 2, 20000);
    bench_other_t other;
    bench_other_start (&other, "tcp", serve, nullptr);
    measure (other.endpoint, window, count);
    bench_other_end (&other);
    _exit (0);      //  Its threads are of no interest any more
}
