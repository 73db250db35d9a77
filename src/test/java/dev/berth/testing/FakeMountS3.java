package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A program {@code mount-s3} that behaves as the real one was recorded to, where it matters to
 * whoever runs it: what it refuses, what it says, how it gets its keys, and that it unmounts its
 * path when it ends, whoever is mounted there. The files are served by s3fs.
 */
public final class FakeMountS3 {
  private static final String PROGRAM =
      """
      #!/bin/bash
      usage() { echo "error: $1" >&2; exit 2; }
      fail() { printf 'Error: %s\\n' "$1" >&2; exit 1; }
      [ "$1" = --version ] && { echo 'mount-s3 1.24.0'; exit 0; }
      echo "$*" >> @LOG@
      bucket= mount= prefix= options=allow_other endpoint= cache= size= foreground= uid= gid=
      while [ $# -gt 0 ]; do
        case $1 in
          --foreground) foreground=1 ;;
          --force-path-style) options=$options,use_path_request_style ;;
          --allow-other) ;;
          --allow-delete|--allow-overwrite) ;;
          --read-only) options=$options,ro ;;
          --prefix) prefix=$2; shift; case $prefix in */) ;; *) usage "prefix must end in '/'" ;; esac ;;
          --region) options=$options,endpoint=$2; shift ;;
          --endpoint-url) options=$options,url=$2; shift ;;
          --upload-checksums) [ "$2" = crc64nvme ] || fail 'every write would fail'; shift ;;
          --uid) [ "$2" -gt 0 ] || usage '--uid 0'; uid=$2; options=$options,uid=$2; shift ;;
          --gid) [ "$2" -gt 0 ] || usage '--gid 0'; gid=$2; options=$options,gid=$2; shift ;;
          --dir-mode) options=$options,$(printf 'umask=%04o,mp_umask=%04o' $((0777 & ~$2)) $((0777 & ~$2))); shift ;;
          --file-mode) shift ;;
          --memory-target) [ "$2" -ge 512 ] || usage "--memory-target $2"; shift ;;
          --cache) cache=$2; shift ;;
          --max-cache-size) size=$2; shift ;;
          -*) usage "unexpected argument '$1'" ;;
          *) if [ -z "$bucket" ]; then bucket=$1; elif [ -z "$mount" ]; then mount=$1; else usage "$1"; fi ;;
        esac
        shift
      done
      [ ${#bucket} -ge 3 ] || usage bucket
      [ -n "$foreground" ] || fail 'only --foreground is known here'
      [ -n "$size" ] && [ -z "$cache" ] && usage '--max-cache-size without --cache'
      stat "$mount" > /dev/null 2>&1 || fail "mount point $mount does not exist"
      mountpoint -q "$mount" && fail "mount point $mount is already mounted"
      [ -z "$cache" ] || [ -d "$cache" ] || fail 'failed to create cache directory'
      keys=$(busybox wget -q -O - --header "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" \\
        "$AWS_CONTAINER_CREDENTIALS_FULL_URI") || fail 'No signing credentials available, see CRT debug logs'
      field() { echo "$keys" | sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
      echo 'WARN library too old'
      ! s3fs --help | grep -q ' compat_dir ' || options=$options,compat_dir
      AWS_ACCESS_KEY_ID=$(field AccessKeyId) AWS_SECRET_ACCESS_KEY=$(field SecretAccessKey) \\
        setpriv --pdeathsig KILL s3fs "$bucket${prefix:+:/${prefix%/}}" "$mount" -f -o "$options" &
      client=$!
      ending() {
        if ! umount "$mount" 2> /dev/null; then sleep 1; kill -KILL $client; exit 0; fi
      }
      trap ending TERM INT HUP
      # Berth may have moved the mount elsewhere before it is seen here.
      until mountpoint -q "$mount" || ls -l /proc/$client/fd 2> /dev/null | grep -q '/dev/fuse$'; do
        kill -0 $client 2> /dev/null || fail 'initial ListObjectsV2 failed'
        sleep 0.05
      done
      echo "${prefix:+prefix $prefix of }bucket $bucket is mounted at $mount"
      echo $$ >> @STARTED@
      while kill -0 $client 2> /dev/null; do wait $client; done
      umount "$mount" 2> /dev/null || echo 'WARN umount failed with Invalid argument'
      exit 0
      """;

  private final Path directory;

  /** Installs it in {@code directory}, which is made. */
  public FakeMountS3(Path directory) {
    this.directory = directory;
    try {
      Path program = Files.createDirectories(directory).resolve("mount-s3");
      Files.writeString(
          program,
          PROGRAM.replace("@LOG@", log().toString()).replace("@STARTED@", started().toString()));
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log() {
    return directory.resolve("calls");
  }

  private Path started() {
    return directory.resolve("started");
  }

  /**
   * Whether that process has done all that it does before it waits for its end: until then it
   * starts others, which may be stopped before they are what they are to become.
   */
  public boolean hasStarted(long pid) {
    return Files.exists(started())
        && Traces.read(started()).lines().anyMatch(Long.toString(pid)::equals);
  }

  /** A PATH that finds it. */
  public String path() {
    return directory + ":" + System.getenv("PATH");
  }

  /** The arguments of each start, in order. */
  public java.util.List<String> calls() {
    return Traces.read(log()).lines().toList();
  }
}
