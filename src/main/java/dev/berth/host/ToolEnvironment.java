package dev.berth.host;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What programs are told by their environment: where programs are, and to speak English. Whatever
 * else this process has there stays with it, the keys of a cloud above all.
 */
final class ToolEnvironment {
  private ToolEnvironment() {}

  static Map<String, String> base() {
    Map<String, String> environment = new TreeMap<>();
    Optional.ofNullable(System.getenv("PATH")).ifPresent(path -> environment.put("PATH", path));
    environment.put("HOME", "/root");
    environment.put("LANG", "C");
    environment.put("LC_ALL", "C");
    return environment;
  }
}
