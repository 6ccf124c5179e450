/**
 * Makes a person's own Stable Diffusion checkpoint: merges LoRAs, each with a ratio, into a base
 * checkpoint or into one LoRA.
 *
 * <p>The packages form one line of dependencies, from what people touch down to bytes: {@code cli →
 * job → card, recipe → merge → adapter → model → format → safetensors, torchfile → kernel, tensor →
 * file, progress → error}. An architecture test keeps it so.
 */
module athanor {
  requires static org.jspecify;
  requires info.picocli;
  requires transitive java.net.http;
  requires jdk.incubator.vector;
  requires me.tongfei.progressbar;
  requires org.snakeyaml.engine;
  requires tools.jackson.core;

  exports athanor.adapter;
  exports athanor.card;
  exports athanor.error;
  exports athanor.file;
  exports athanor.format;
  exports athanor.hub;
  exports athanor.hub.upload;
  exports athanor.job;
  exports athanor.kernel;
  exports athanor.merge;
  exports athanor.merge.engine;
  exports athanor.merge.lora;
  exports athanor.merge.lora.extract;
  exports athanor.merge.lora.resize;
  exports athanor.merge.lora.spelling;
  exports athanor.merge.lora.sum;
  exports athanor.merge.lora.writing;
  exports athanor.merge.metadata;
  exports athanor.merge.method;
  exports athanor.merge.plan;
  exports athanor.model;
  exports athanor.net;
  exports athanor.progress;
  exports athanor.recipe;
  exports athanor.recipe.arguments;
  exports athanor.safetensors;
  exports athanor.tensor;
  exports athanor.torchfile;
  exports athanor.torchfile.pickle;

  opens athanor.cli to
      info.picocli;
}
