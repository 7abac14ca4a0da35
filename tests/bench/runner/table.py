"""table - rows of figures, as aligned columns or tab-separated values

Place: runner. One row a figure: benchmark, subject, metric, value, unit, ratio to the project.

SPDX-License-Identifier: MPL-2.0
"""

PROJECT = 'troupe'
WIDTHS = (24, 24, 22, 14, 6, 16)
HEADS = ('benchmark', 'subject', 'metric', 'value', 'unit', 'ratio-to-project')


def number(value):
    """A figure with enough digits to compare, and no more."""
    if abs(value) >= 1000:
        return f'{value:.0f}'
    return f'{value:.4g}'


class Table:
    def __init__(self, tsv):
        self.tsv = tsv
        self.figures = {}               # (benchmark, subject, metric): value
        self.benchmarks = set()         # Those that were run, with figures or without
        self.project_failed = False

    def begin(self, remarks):
        self.comment(remarks)
        self.line(HEADS)

    def line(self, cells):
        if self.tsv:
            print('\t'.join(cells), flush=True)
        else:
            print(' '.join(cell.ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip(), flush=True)

    def comment(self, text):
        for line in text.splitlines():
            print(f'# {line}'.rstrip(), flush=True)

    def figure(self, benchmark, subject, metric, value, unit):
        self.benchmarks.add(benchmark)
        self.figures[benchmark, subject, metric] = value
        own = self.figures.get((benchmark, PROJECT, metric))
        ratio = number(value / own) if own else '-'
        self.line((benchmark, subject, metric, number(value), '-' if unit == '1' else unit, ratio))

    def remark(self, benchmark, subject, text):
        """A row instead of figures: why there are none."""
        self.benchmarks.add(benchmark)
        self.line((benchmark, subject, text, '-', '-', '-'))

    def failure(self, benchmark, subject, text):
        self.remark(benchmark, subject, 'failed: ' + text)
        if subject.startswith(PROJECT):
            self.project_failed = True
