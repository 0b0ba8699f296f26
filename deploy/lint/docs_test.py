"""Shows that docs.py refuses pages that name what does not exist."""
import unittest

import docs

PATHS = ["docs/a.md", "docs/b.md", "storage/store.h", "storage/postgres/sql/write.sql", "deploy/lint/lint"]


def problems_of(text, exceptions="", other=""):
    return docs.check({"docs/a.md": text, "docs/b.md": other}, PATHS, '"--address" JOURNEYFEED_ADDRESS', exceptions)


class DocsTest(unittest.TestCase):
    def test_a_dead_link_is_named_with_file_and_line(self):
        self.assertEqual([], problems_of("[b](b.md) [c](../storage) [d](https://example.org/c.md)"))
        (problem,) = problems_of("\n[c](c.md)")
        self.assertTrue(problem.startswith("docs/a.md:2: no file docs/c.md: "))

    def test_the_heading_of_a_link(self):
        self.assertEqual([], problems_of("# On\n[b](b.md#two-words) [a](#on)", other="## Two `Words`!\n"))
        self.assertEqual(1, len(problems_of("[b](b.md#three)", other="## Two\n")))

    def test_a_path_that_does_not_exist(self):
        self.assertEqual([], problems_of("`storage/store.h:12` `store.h` `sql/*.sql` `deploy/lint`"))
        self.assertEqual([], problems_of("`deploy/lint/lint --address`"))
        for path in ("storage/stores.h", "stores.h", "deploy/lints", "sql/*.cc"):
            self.assertEqual(1, len(problems_of(f"see `{path}`")), path)

    def test_what_is_no_path_of_the_repository(self):
        self.assertEqual([], problems_of("`a/b` `build/bin/x` `feed.pb.h` `a.token` `application/json` `std::string`"))

    def test_a_setting_that_does_not_exist(self):
        self.assertEqual([], problems_of("`--address=1` or JOURNEYFEED_ADDRESS"))
        (problem,) = problems_of("--adress")
        self.assertTrue(problem.startswith("docs/a.md:1: no setting or option --adress: "))
        self.assertEqual(1, len(problems_of("JOURNEYFEED_ADRESS")))

    def test_an_exception(self):
        self.assertEqual([], problems_of("`--image`", "option docs/a.md:--image  # of kubectl\n"))


if __name__ == "__main__":
    unittest.main()
