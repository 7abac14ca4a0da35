;; tests/interop/rpc.clj - Clojure, Cheshire and JeroMQ as a client of the RPC door
;;
;; Place: run by rpc.sh: rpc.clj ENDPOINT. One connection for the whole program: a queue with a DEALER on it, and a REQ
;; for each call, from several threads at once. Questions and answers are SMILE.
;;
;; SPDX-License-Identifier: MPL-2.0

(require '[cheshire.core :as cheshire])
(import '(org.zeromq ZMQ ZMQ$Poller))

(def endpoint (first *command-line-args*))
(def context (ZMQ/context 1))

(defn forward [from to]
  (loop [part (.recv from 0)]
    (let [more (.hasReceiveMore from)]
      (.send to part (if more ZMQ/SNDMORE 0))
      (when more (recur (.recv from 0))))))

(defn queue []
  (let [back (.socket context ZMQ/DEALER)
        front (.socket context ZMQ/ROUTER)
        poller (ZMQ$Poller. 2)]
    (.connect back endpoint)
    (.bind front "inproc://calls")
    (.register poller front ZMQ$Poller/POLLIN)
    (.register poller back ZMQ$Poller/POLLIN)
    (doto (Thread. (fn []
                     (while true
                       (.poll poller)
                       (when (.pollin poller 0) (forward front back))
                       (when (.pollin poller 1) (forward back front)))))
      (.setDaemon true)
      (.start))))

(defn call [method path body]
  (let [socket (.socket context ZMQ/REQ)]
    (.setReceiveTimeOut socket 10000)
    (.connect socket "inproc://calls")
    (.send socket (cheshire/generate-smile {:method method :path path :body body}) 0)
    (let [answer (cheshire/parse-smile (.recv socket 0) true)]
      (.close socket)
      answer)))

(defn expect [expected got]
  (when (not= expected got)
    (println "expected" expected "got" got)
    (System/exit 1)))

(queue)
;; Its connection once was cut after three seconds, and this one waited for ever.
(def slow (future (call "GET" "/sleep/4000" nil)))
(expect {:status 200 :body [{:id 1 :name "August"}]} (call "GET" "/users" nil))
(expect {:status 200 :body {:id 1 :name "August"}} (call "GET" "/users/1" nil))
(expect 404 (:status (call "GET" "/nothing" nil)))
(expect 405 (:status (call "DELETE" "/users" nil)))
(expect 500 (:status (call "GET" "/fail" nil)))
(let [body {:texts ["a" "ü" ""] :numbers [0 -17 65536 123456789012 0.5] :nothing nil :yes true}]
  (expect {:status 200 :body body} (call "POST" "/echo" body)))
(let [calls (doall (for [n (range 200)] (future (call "POST" "/echo" {:n n}))))]
  (doseq [[n answer] (map-indexed vector calls)]
    (expect {:status 200 :body {:n n}} @answer)))
(expect {:status 200 :body "awake"} @slow)
(println "fine")
(System/exit 0)
