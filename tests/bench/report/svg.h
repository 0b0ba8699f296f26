// Drawings in SVG, without styles of other files or scripts.
#pragma once

#include <string>
#include <string_view>

namespace journeyfeed::bench {

std::string XmlText(std::string_view text);  // with what XML reserves escaped, and without control characters

class Svg {
 public:
  enum class Anchor { kStart, kMiddle, kEnd };

  Svg(double width, double height);

  void Rectangle(double x, double y, double width, double height, std::string_view color);
  void Line(double x1, double y1, double x2, double y2, std::string_view color, double width = 1, bool dashed = false);
  void Circle(double x, double y, double radius, std::string_view color);
  void Text(double x, double y, std::string_view text, Anchor anchor = Anchor::kStart, double size = 12);

  std::string Document() const;

 private:
  const double width_, height_;
  std::string elements_;
};

}  // namespace journeyfeed::bench
