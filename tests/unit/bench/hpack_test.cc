#include "tests/bench/http2/hpack.h"

#include <gtest/gtest.h>

namespace journeyfeed::bench::http2 {
namespace {

std::string Block(std::initializer_list<int> bytes) {
  std::string block;
  for (const int byte : bytes) block.push_back(static_cast<char>(byte));
  return block;
}

// RFC 7541, C.2.2 with a literal name: not indexed, no Huffman code.
TEST(HpackTest, AFieldIsALiteral) {
  std::string block;
  AppendField(block, "te", "trailers");
  EXPECT_EQ(block, Block({0, 2, 't', 'e', 8}) + "trailers");
}

// RFC 7541, C.1.2: 1337 with a prefix of five bits is 31, 154, 10; here with seven bits: 127, 186, 9.
TEST(HpackTest, ALongLengthContinuesInFurtherBytes) {
  std::string block;
  AppendField(block, "a", std::string(1337, 'x'));
  EXPECT_EQ(block, Block({0, 1, 'a', 127, 0xba, 0x09}) + std::string(1337, 'x'));
  EXPECT_EQ(FindField(block, "a"), std::string(1337, 'x'));
}

TEST(HpackTest, ARequestIsAPostOfGrpc) {
  const std::string block = RequestBlock("/service/Method", "127.0.0.1:1");
  EXPECT_EQ(block.substr(0, 2), Block({0x83, 0x86}));
  EXPECT_EQ(FindField(block, ":path"), "/service/Method");
  EXPECT_EQ(FindField(block, ":authority"), "127.0.0.1:1");
  EXPECT_EQ(FindField(block, "content-type"), "application/grpc");
  EXPECT_EQ(FindField(block, "te"), "trailers");
}

TEST(HpackTest, AFieldIsFoundAmongAllForms) {
  std::string block = Block({0x20, 0x3f, 0xe1, 0x1f,           // sizes of the table: 0, 4096
                             0x88, 0xff, 0x00,                 // field 8, field 127
                             0x5f, 1,    'x',                  // indexed, name 31 of the static table
                             0x0f, 0x10, 0x83, 1,    2,  3,    // not indexed, name 31, Huffman-coded value
                             0x40, 0x82, 1,    2,    1,  'y',  // indexed, Huffman-coded name
                             0x10, 1,    'n',  1,    'v'});    // never indexed
  AppendField(block, "grpc-status", "14");
  EXPECT_EQ(FindField(block, "grpc-status"), "14");
  EXPECT_EQ(FindField(block, "n"), "v");
  EXPECT_FALSE(FindField(block, "y"));
}

TEST(HpackTest, ACutBlockEndsTheSearch) {
  std::string block;
  AppendField(block, "first", "value");
  AppendField(block, "grpc-status", "0");
  for (std::size_t size = 0; size < block.size(); ++size)
    EXPECT_FALSE(FindField(block.substr(0, size), "grpc-status").value_or("") == "0") << size;
}

TEST(HpackTest, AnEndlessNumberEndsTheSearch) {
  EXPECT_FALSE(FindField(Block({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "grpc-status"));
}

}  // namespace
}  // namespace journeyfeed::bench::http2
