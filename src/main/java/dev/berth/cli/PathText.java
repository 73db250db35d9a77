package dev.berth.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** A user's word as one element of a URL's path. */
final class PathText {
  private PathText() {}

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
