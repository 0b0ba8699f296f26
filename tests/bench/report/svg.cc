#include "tests/bench/report/svg.h"

#include <cmath>
#include <cstdio>

namespace journeyfeed::bench {
namespace {

// An attribute with a number; what is not finite would not be SVG.
std::string Attribute(const char* name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, " %s=\"%.2f\"", name, std::isfinite(value) ? value : 0.0);
  return text;
}

std::string Attribute(const char* name, std::string_view value) {
  return " " + std::string(name) + "=\"" + XmlText(value) + "\"";
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) escaped += c;
    }
  }
  return escaped;
}

Svg::Svg(double width, double height) : width_(width), height_(height) {}

void Svg::Rectangle(double x, double y, double width, double height, std::string_view color) {
  elements_ += "<rect" + Attribute("x", x) + Attribute("y", y) + Attribute("width", width) +
               Attribute("height", height) + Attribute("fill", color) + "/>\n";
}

void Svg::Line(double x1, double y1, double x2, double y2, std::string_view color, double width, bool dashed) {
  elements_ += "<line" + Attribute("x1", x1) + Attribute("y1", y1) + Attribute("x2", x2) + Attribute("y2", y2) +
               Attribute("stroke", color) + Attribute("stroke-width", width) +
               (dashed ? " stroke-dasharray=\"4 3\"" : "") + "/>\n";
}

void Svg::Circle(double x, double y, double radius, std::string_view color) {
  elements_ +=
      "<circle" + Attribute("cx", x) + Attribute("cy", y) + Attribute("r", radius) + Attribute("fill", color) + "/>\n";
}

void Svg::Text(double x, double y, std::string_view text, Anchor anchor, double size) {
  const char* const anchors[] = {"start", "middle", "end"};
  elements_ += "<text" + Attribute("x", x) + Attribute("y", y) + Attribute("font-size", size) +
               Attribute("text-anchor", anchors[static_cast<int>(anchor)]) + ">" + XmlText(text) + "</text>\n";
}

std::string Svg::Document() const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"" +
         Attribute("width", width_) + Attribute("height", height_) +
         " font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + elements_ +
         "</svg>\n";
}

}  // namespace journeyfeed::bench
