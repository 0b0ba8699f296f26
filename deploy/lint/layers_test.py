"""Shows that layers.py refuses an include that layers.txt does not allow."""
import unittest

import layers

RULES = """
# parts
storage/base:
storage: storage/base
storage/postgres: storage postgresql
  storage/base
services:
services/main: *
tests: *
clients/cpp:
"""


def problems_of(path, *includes):
    text = "".join(f"#include {include}\n" for include in includes)
    return [problem for problem in layers.check(RULES, [(path, text)]) if not problem.startswith(layers.RULES)]


class LayersTest(unittest.TestCase):
    def test_an_include_that_no_row_allows_is_named_with_file_line_and_rule(self):
        (problem,) = problems_of("storage/base/hex.h", "<string>", '"storage/store.h"')
        self.assertIn('storage/base/hex.h:2: storage/base may not include "storage/store.h" of storage:', problem)

    def test_a_part_includes_itself_and_what_its_row_names(self):
        self.assertEqual([], problems_of("storage/store.h", '"storage/types.h"', '"storage/base/hex.h"'))
        self.assertEqual([], problems_of("storage/postgres/sql/a.cc", '"storage/postgres/b.h"', '"storage/base/hex.h"'))

    def test_to_see_a_folder_is_not_to_see_the_folders_below_it(self):
        self.assertEqual(1, len(problems_of("storage/store.h", '"storage/postgres/connection/binary.h"')))

    def test_an_installed_header_belongs_to_the_folder_that_it_stands_in(self):
        (problem,) = problems_of("storage/store.h", '"journeyfeed/client/feed_consumer.h"')
        self.assertIn("of clients/cpp:", problem)

    def test_a_library_needs_an_entry(self):
        self.assertEqual([], problems_of("storage/postgres/connection/binary.h", "<libpq-fe.h>"))
        self.assertEqual(1, len(problems_of("storage/store.h", "<libpq-fe.h>")))
        self.assertEqual(1, len(problems_of("storage/store.h", "<grpcpp/grpcpp.h>")))
        self.assertEqual(1, len(problems_of("storage/store.h", '"journeyfeed/entity/v1/feed.pb.h"')))

    def test_one_source_can_have_a_row(self):
        self.assertEqual([], problems_of("services/main.cc", '"storage/postgres/connection/binary.h"'))
        self.assertEqual(1, len(problems_of("services/metrics.cc", '"storage/postgres/connection/binary.h"')))

    def test_only_tests_include_tests(self):
        self.assertEqual([], problems_of("tests/unit/a.cc", '"tests/support/files.h"', '"storage/postgres/connection/binary.h"'))
        self.assertEqual(1, len(problems_of("services/main.cc", '"tests/support/files.h"')))

    def test_an_include_that_does_not_start_at_the_top_is_refused(self):
        self.assertEqual(1, len(problems_of("storage/store.h", '"types.h"')))

    def test_an_entry_that_nothing_needs_is_named_with_its_line(self):
        self.assertIn("deploy/lint/layers.txt:4: storage no longer includes storage/base: remove the entry",
                      layers.check(RULES, []))


if __name__ == "__main__":
    unittest.main()
