;;  smile.clj - documents that Jackson's SMILE writes, and reads
;;
;;  Place: tests/interop, run by smile.sh with Debian's Cheshire. "write N" prints documents, a line each: features,
;;  SMILE in hexadecimal, and the same as JSON. "read" takes such lines from the other side and says how many differ.
;;
;;  SPDX-License-Identifier: MPL-2.0

(require '[cheshire.core :as json] '[cheshire.factory :as factory] '[clojure.string :as string])
(import '[com.fasterxml.jackson.dataformat.smile SmileFactory SmileGenerator$Feature])

(def random (java.util.Random. 20260101))
(defn pick [n] (.nextInt random (int n)))

(def letters ["a" "b" "method" " " "\"" "\\" "\n" "é" "ß" "☃" "\uD83D\uDE00" "0" "~"])
(defn text [most] (apply str (repeatedly (pick most) #(nth letters (pick (count letters))))))
(defn sized [n] (apply str (repeat n "x")))

(defn number []
  (case (pick 6)
    0 (- (pick 64) 32)
    1 (.nextInt random)
    2 (.nextLong random)
    3 (.nextGaussian random)
    4 (* 1e300 (.nextDouble random))
    5 (nth [Long/MIN_VALUE Long/MAX_VALUE Integer/MIN_VALUE Integer/MAX_VALUE 0 -1 -16 15 16 -17 0.0 -0.0 5e-324]
           (pick 13))))

;;  Bytes have no JSON: they stand in an object with one member.
(defn binary [] {"$binary" (vec (repeatedly (pick 40) #(pick 256)))})

(declare document)
(defn object [depth]
  (into {} (repeatedly (pick 8) #(vector (if (zero? (pick 9)) (text 60) (text 4)) (document depth)))))

(defn document [depth]
  (case (pick (if (pos? depth) 10 7))
    0 nil
    1 (zero? (pick 2))
    (2 3) (number)
    4 (text 5)
    5 (nth [(sized 32) (sized 33) (sized 64) (sized 65) (sized 200) (text 90)] (pick 6))
    6 (binary)
    (7 8) (object (dec depth))
    9 (vec (repeatedly (pick 12) #(document (dec depth))))))

;;  So many names, and texts, that the tables of what may be referred to begin anew.
(defn crowd [n] (vec (for [i (range n)] {(str "name" (mod i 1500)) (str "text" (mod (* i 7) 1300))})))

(defn with-bytes [d]
  (cond (and (map? d) (contains? d "$binary")) (byte-array (map unchecked-byte (get d "$binary")))
        (map? d) (into {} (map (fn [[k v]] [k (with-bytes v)]) d))
        (vector? d) (mapv with-bytes d)
        :else d))

(defn without-bytes [d]
  (cond (bytes? d) {"$binary" (mapv #(bit-and 0xFF %) d)}
        (map? d) (into {} (map (fn [[k v]] [k (without-bytes v)]) d))
        (sequential? d) (mapv without-bytes d)
        :else d))

(defn smile-factory [features]
  (doto (SmileFactory.)
    (.configure SmileGenerator$Feature/CHECK_SHARED_NAMES (bit-test features 0))
    (.configure SmileGenerator$Feature/CHECK_SHARED_STRING_VALUES (bit-test features 1))
    (.configure SmileGenerator$Feature/ENCODE_BINARY_AS_7BIT (not (bit-test features 2)))))

(defn hex [bytes] (apply str (map #(format "%02x" %) bytes)))
(defn unhex [text] (byte-array (map #(unchecked-byte (Integer/parseInt (apply str %) 16)) (partition 2 text))))

(defn write-document [features d]
  (binding [factory/*smile-factory* (smile-factory features)]
    (println features (hex (json/generate-smile (with-bytes d))) (json/generate-string d))))

(defn write-documents [n]
  (doseq [i (range n)] (write-document (mod i 8) [(document 5)]))
  (doseq [features (range 8)] (write-document features (crowd 3100))))

;;  0.0 and -0.0 are told apart, 1 and 1.0 too.
(defn same? [one other]
  (cond (and (map? one) (map? other))
        (and (= (set (keys one)) (set (keys other))) (every? #(same? (one %) (other %)) (keys one)))
        (and (sequential? one) (sequential? other))
        (and (= (count one) (count other)) (every? true? (map same? one other)))
        (and (float? one) (float? other)) (.equals (double one) (double other))
        :else (= one other)))

(defn reads-the-same? [line]
  (let [[_ document text] (string/split line #" " 3)]
    (same? (without-bytes (json/parse-smile (unhex document))) (json/parse-string text))))

(defn read-documents []
  (let [lines (line-seq (java.io.BufferedReader. *in*))
        wrong (remove #(try (reads-the-same? %) (catch Exception e false)) lines)]
    (doseq [line (take 3 wrong)] (println "differs:" (subs line 0 (min 300 (count line)))))
    (System/exit (if (empty? wrong) 0 1))))

(let [[command n] *command-line-args*]
  (if (= command "write") (write-documents (Integer/parseInt n)) (read-documents)))
(flush)
(shutdown-agents)
