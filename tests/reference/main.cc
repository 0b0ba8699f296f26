// journeyfeed-reference errors|settings: prints the page of docs/ that is generated.
#include <iostream>
#include <string>

#include "tests/reference/error_reference.h"
#include "tests/reference/setting_reference.h"

int main(int argc, char** argv) {
  const std::string page = argc == 2 ? argv[1] : "";
  if (page == "errors") {
    std::cout << journeyfeed::reference::ErrorReference();
  } else if (page == "settings") {
    std::cout << journeyfeed::reference::SettingReference();
  } else {
    std::cerr << "journeyfeed-reference errors|settings\n";
    return 64;
  }
  return std::cout.flush() ? 0 : 74;
}
