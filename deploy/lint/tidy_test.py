"""Shows that tidy.py refuses what is too long, too wide or banned, and that exceptions are used up."""
import unittest

import tidy


def problems_of(path, text, exceptions=""):
    return tidy.check([(path, text)], exceptions)


def function(lines, head="int Sum(int a) {"):
    return head + "\n" + "  a += '{';  // {\n" * (lines - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def test_a_function_over_the_limit_is_named_with_file_and_line(self):
        self.assertEqual([], problems_of("a.cc", function(60)))
        self.assertEqual(["a.cc:2: function Sum has 61 lines, at most 60: split it"],
                         problems_of("a.cc", "\n" + function(61)))

    def test_functions_of_namespaces_classes_and_tests_are_seen(self):
        body = "\n" + "    a();\n" * 61 + "  }\n"
        for before, name in (("namespace a::b {\nclass C final : public D {\n public:\n  ~C() override {", "~C"),
                             ("struct A {\n  template <typename T>\n  void Run(T t) const {", "Run"),
                             ("TEST_F(Lines, AreCounted) {\n  {", "Lines.AreCounted")):
            (problem,) = problems_of("a.cc", before + body + "}\n}\n")
            self.assertIn(f"function {name} has ", problem)

    def test_a_lambda_or_a_table_is_no_function_of_its_own(self):
        self.assertEqual([], problems_of("a.cc", "constexpr int table[] = {\n" + "    1,\n" * 99 + "};\n"))

    def test_long_files(self):
        self.assertEqual([], problems_of("a.cc", "\n" * 400))
        self.assertEqual(["a.cc:1: 401 lines, at most 400: split the file"], problems_of("a.cc", "\n" * 401))
        self.assertEqual(["a.h:1: 261 lines, at most 260: split the file"], problems_of("a.h", "\n" * 261))

    def test_wide_lines(self):
        self.assertEqual([], problems_of("a.sql", "ä" * 120))
        self.assertEqual(["a.sql:2: wider than 120 columns: wrap the line"], problems_of("a.sql", "\n" + "a" * 121))

    def test_tables_and_samples_of_pages_may_be_wide(self):
        self.assertEqual([], problems_of("a.md", "| " + "a" * 121 + "\n```\n" + "a" * 121 + "\n```\n"))
        self.assertEqual(1, len(problems_of("a.md", "```\n```\n" + "a" * 121)))

    def test_banned_calls(self):
        (problem,) = problems_of("tests/a.cc", "\n  std::this_thread::sleep_for(1s);\n")
        self.assertTrue(problem.startswith("tests/a.cc:2: sleep_for is banned: "))
        self.assertEqual(1, len(problems_of("tests/a.cc", "  ::usleep(1);\n")))
        self.assertEqual(1, len(problems_of("tests/a.cc", "  sleep(1);\n")))
        self.assertEqual(1, len(problems_of("storage/a.cc", "  std::cout << 1;\n")))
        self.assertEqual(1, len(problems_of("storage/a.cc", "  std::printf(text);\n")))
        self.assertEqual([], problems_of("storage/a.cc", '  std::snprintf(text, 2, "sleep_for");  // std::cout\n'))
        self.assertEqual([], problems_of("services/main.cc", "  std::cout << 1;\n"))

    def test_an_exception_holds_up_to_its_limit(self):
        self.assertEqual([], problems_of("a.cc", function(70), "function a.cc:Sum 70  # a table\n"))
        self.assertEqual(1, len(problems_of("a.cc", function(71), "function a.cc:Sum 70  # a table\n")))

    def test_an_exception_needs_a_reason_and_a_use(self):
        self.assertEqual(["deploy/lint/exceptions.txt:1: file a.cc is no longer needed: remove the line"],
                         problems_of("a.cc", "", "file a.cc  # long\n"))
        self.assertEqual(["deploy/lint/exceptions.txt:1: write: rule where [limit]  # reason"],
                         problems_of("a.cc", "", "file a.cc\n"))


if __name__ == "__main__":
    unittest.main()
