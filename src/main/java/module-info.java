/**
 * Makes a person's own Stable Diffusion checkpoint: merges LoRAs, each with a ratio, into a base
 * checkpoint or into one LoRA.
 *
 * <p>The packages form one line of dependencies, from what people touch down to bytes: {@code cli →
 * job → card, recipe → merge → adapter → model → delta → format → safetensors, torchfile → kernel,
 * tensor → file, progress → error}. An architecture test keeps it so.
 */
module athanor {
  requires static org.jspecify;
  requires info.picocli;
  requires transitive java.net.http;
  requires jdk.httpserver;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires org.snakeyaml.engine;
  requires re2j;
  requires tools.jackson.core;
  requires tools.jackson.jr.ob;

  exports athanor;
  exports athanor.error;
  exports athanor.progress;

  opens athanor.cli.command to
      info.picocli;
  opens athanor.cli.option to
      info.picocli;
}
