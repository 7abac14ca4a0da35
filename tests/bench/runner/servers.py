"""servers - HTTP servers that are started, watched and ended

Place: runner. Every server listens on 127.0.0.1 at a free port, has a folder of its own that is removed with it,
and is ended by the ids of the processes that were started here, also on Ctrl-C.

SPDX-License-Identifier: MPL-2.0
"""

import getpass
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import bench
from bench import Failed, Missing, which

CONFIGURATIONS = bench.ROOT / 'tests' / 'bench' / 'http' / 'peers'
ECHO_MODULE = pathlib.Path('/usr/lib/nginx/modules/ngx_http_echo_module.so')
READY_S = 30
END_S = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Server:
    """A server: begin() starts it, 'url' is its root, 'processes' what was started; end() leaves nothing behind."""
    subject = ''
    echoes = True                       # Answers POST /echo with the same body
    wrapper = ()                        # What each process is started under, such as valgrind

    def __init__(self):
        self.processes = []
        self.folder = None
        self.port = 0

    def begin(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='bench-'))
        self.folder.chmod(0o755)        # nginx and h2o give up root and still look at it
        try:
            self.port = free_port()
            self.start()
            self.await_answer()
        except BaseException:
            self.end()
            raise

    def start(self):
        raise NotImplementedError

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def spawn(self, *command, **options):
        """Starts a process in the server's folder; its errors go to a file there."""
        with open(self.folder / 'errors', 'a') as errors:
            process = subprocess.Popen([str(word) for word in (*self.wrapper, *command)], cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stderr=errors,
                                       **{'stdout': subprocess.DEVNULL, 'start_new_session': True, **options})
        self.processes.append(process)
        return process

    def configure(self, name, **values):
        """Copies a configuration from http/peers/, or by its path, into the folder; fills in what stands between @s."""
        text = (CONFIGURATIONS / name).read_text()
        for key, value in values.items():
            text = text.replace(f'@{key}@', str(value))
        path = self.folder / pathlib.Path(name).name
        path.write_text(text)
        return path

    def await_answer(self):
        """Waits until GET / is answered as it should be, and POST /echo too."""
        deadline = time.monotonic() + READY_S
        while True:
            try:
                self.check()
                return
            except OSError as error:
                ended = [process for process in self.processes if process.poll() is not None]
                if ended or time.monotonic() > deadline:
                    raise Failed(f'no good answer ({error}); {self.last_words()}') from None
                time.sleep(0.02)

    def check(self):
        with urllib.request.urlopen(self.url + '/', timeout=READY_S) as answer:
            if answer.read() != b'Hello World!!':
                raise Failed('GET / is not answered with Hello World!!')
        if not self.echoes:
            return
        body = b'x' * 65536
        with urllib.request.urlopen(self.url + '/echo', data=body, timeout=READY_S) as answer:
            if answer.read() != body:
                raise Failed('POST /echo is not answered with the same body')

    def last_words(self):
        lines = (self.folder / 'errors').read_text(errors='replace').strip().splitlines()
        return lines[-1] if lines else 'it said nothing'

    def cpu_s(self):
        """CPU time of all its processes so far."""
        return sum(map(cpu_s, family([process.pid for process in self.processes])))

    def end(self):
        everybody = family([process.pid for process in self.processes])
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in everybody:           # Children that their parent has left behind
            if parent_of(pid) == 1:
                os.kill(pid, signal.SIGKILL)
        self.processes = []
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


#   --- /proc

def stat_fields(pid):
    """The fields of /proc/PID/stat from 'state' on; none when the process is gone."""
    try:
        text = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return None
    return text.rsplit(')', 1)[1].split()


def parent_of(pid):
    fields = stat_fields(pid)
    return int(fields[1]) if fields else 0


def family(pids):
    """The processes and all their descendants."""
    children = {}
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            children.setdefault(parent_of(int(entry)), []).append(int(entry))
    found = list(pids)
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def cpu_s(pid):
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK') if fields else 0.0


#   --- The servers

class Gateway(Server):
    subject = 'troupe'

    def start(self):
        if not bench.GATEWAY.exists():
            raise Failed('the gateway has not been built')
        process = self.spawn(bench.GATEWAY, '--http', '127.0.0.1:0', '--rpc', 'tcp://127.0.0.1:0', '--workers', '1',
                             '--log', 'warning', stdout=subprocess.PIPE)
        ready, _, _ = select.select([process.stdout], [], [], READY_S)
        line = process.stdout.readline().decode() if ready else ''
        if 'http=' not in line:
            raise Failed(f'it did not say that it is ready; {self.last_words()}')
        self.port = int(line.split(' rpc=')[0].rsplit(':', 1)[1])


class Nginx(Server):
    subject = 'nginx'

    def start(self):
        self.echoes = ECHO_MODULE.exists()
        path = self.configure('nginx.conf', PORT=self.port,
                              ECHO_MODULE=f'load_module {ECHO_MODULE};' if self.echoes else '',
                              ECHO='echo_read_request_body; echo_request_body;' if self.echoes else 'return 404;')
        self.spawn(which('nginx', 'nginx-light'), '-p', self.folder, '-c', path, *self.directives)

    directives = ()


class NginxAlone(Nginx):
    """One process without a master, to count its instructions."""
    directives = ('-g', 'master_process off;')


class NginxProxy(Nginx):
    subject = 'nginx to nginx'

    def start(self):
        front = self.port
        self.port = free_port()
        super().start()
        path = self.configure('nginx_proxy.conf', PORT=front, UPSTREAM=self.port)
        self.spawn(which('nginx', 'nginx-light'), '-p', self.folder, '-c', path)
        self.port = front


class Mongrel2(Server):
    subject = 'Mongrel2, C handler'

    def start(self):
        requests, answers = (f'tcp://127.0.0.1:{free_port()}' for _ in range(2))
        path = self.configure('mongrel2.conf', PORT=self.port, REQUESTS=requests, ANSWERS=answers)
        subprocess.run([which('m2sh', 'mongrel2-core'), 'load', '-config', path, '-db', 'config.sqlite'],
                       cwd=self.folder, check=True, capture_output=True)
        self.spawn(which('mongrel2', 'mongrel2-core'), 'config.sqlite', 'bench')
        self.spawn(bench.PEERS / 'mongrel2_handler', requests, answers)


class Microhttpd(Server):
    subject = 'libmicrohttpd, epoll'

    def start(self):
        program = bench.PEERS / 'microhttpd_hello'
        if not program.exists():
            raise Missing('not installed: libmicrohttpd-dev')
        self.spawn(program, self.port)


class H2o(Server):
    subject = 'h2o, a file'
    echoes = False

    def start(self):
        files = self.folder / 'files'
        files.mkdir()
        (files / 'hello.txt').write_text('Hello World!!')
        path = self.configure('h2o.conf', PORT=self.port, DIRECTORY=self.folder, USER=getpass.getuser())
        self.spawn(which('h2o', 'h2o'), '-c', path)


class Node(Server):
    subject = 'node http'

    def start(self):
        self.spawn(which('node', 'nodejs'), CONFIGURATIONS / 'node_hello.js', self.port)


ALL = (Gateway, Nginx, NginxProxy, Mongrel2, Microhttpd, H2o, Node)
