;; tests/interop/rpc_server.clj - a service as Clojure programmers write it: REP workers behind a queue, in SMILE
;;
;; Place: run by clojure.sh: rpc_server.clj PORT. Says "ready ENDPOINT", and then does what is typed: "stop" closes its
;; sockets and says "stopped", "start" opens them again and says "ready". The end of what is typed ends it. Its routes:
;; GET /users, GET /users/ID, GET /sleep/MS, POST /echo, POST /count, GET /fail, GET /junk; 404 for all others.
;;
;; SPDX-License-Identifier: MPL-2.0

(require '[cheshire.core :as cheshire])
(import '(org.zeromq ZMQ ZMQQueue))

(def workers 4)
(def counter (atom 0))

(defn route [{:keys [method path body]}]
  (let [[_ what argument] (re-matches #"/([^/]*)(?:/(\d+))?" path)]
    (case [method what (some? argument)]
      ["GET" "users" false] {:status 200 :body [{:id 1 :name "August"}]}
      ["GET" "users" true] (when (= argument "1") {:status 200 :body {:id 1 :name "August"}})
      ["GET" "sleep" true] (do (Thread/sleep (Long/parseLong argument)) {:status 200 :body "awake"})
      ["POST" "echo" false] {:status 200 :body body}
      ["POST" "count" false] {:status 201 :body (swap! counter inc) :headers {"X-Counted" "yes"}}
      ["GET" "fail" false] (throw (Exception. "asked to fail"))
      nil)))

;; Bytes to bytes. Whatever goes wrong is answered too, since a REP has to answer.
(defn answer [question]
  (try
    (let [request (cheshire/parse-smile question true)]
      (if (= (:path request) "/junk")
        (.getBytes "this is no SMILE")
        (cheshire/generate-smile (or (route request) {:status 404}))))
    (catch Exception _ (cheshire/generate-smile {:status 500}))))

;; Runs until the context is terminated, and then closes the sockets, for which the termination waits.
(defn in-thread [sockets work]
  (.start (Thread. (fn []
                     (try (work) (catch Throwable _ nil))
                     (doseq [socket sockets] (.close socket))))))

(defn start-worker [context]
  (let [socket (.socket context ZMQ/REP)]
    (.connect socket "inproc://workers")
    (in-thread [socket] (fn [] (while true (.send socket (answer (.recv socket 0)) 0))))))

;; Opens a service at a port; its context.
(defn start [port]
  (let [context (ZMQ/context 1)
        front (.socket context ZMQ/ROUTER)
        back (.socket context ZMQ/DEALER)
        endpoint (str "tcp://127.0.0.1:" port)]
    (.bind front endpoint)
    (.bind back "inproc://workers")
    (dotimes [_ workers] (start-worker context))
    (in-thread [front back] (fn [] (.run (ZMQQueue. context front back))))
    (println (str "ready " endpoint))
    (flush)
    context))

(def port (first *command-line-args*))
(loop [context (start port)]
  (case (read-line)
    "stop" (do (.term context)
               (println "stopped")
               (flush)
               (recur nil))
    "start" (recur (start port))
    (System/exit 0)))
