#!/usr/bin/env perl
# A custom flavor of zenc: a Makefile with a target for each step. See README.md.
# It needs what comes with Perl, and nothing else.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use JSON::PP;

my $json   = JSON::PP->new->utf8;
my $pretty = JSON::PP->new->canonical->indent->indent_length(2)->space_after;

# What a step file has of a step; the rest is in the Makefile, or refused.
my @step_fields = qw(name kind description module function script shell command inputs outputs env needs when
  allow_failure skip_exit_code retries timeout);

# The operations that step.py knows.
my %operations = map { $_ => 1 } qw(lit param output path text list map ?? && || ! == != < <= > >=);

my @diagnostics;

sub finding {
    my ($severity, $pos, $message, $help) = @_;
    my %finding = (severity => $severity, message => $message);
    $finding{pos}  = $pos  if $pos;
    $finding{help} = $help if $help;
    push @diagnostics, \%finding;
}

sub refuse { finding('error', @_) }
sub note   { finding('note',  @_) }

# without_places is a copy without the positions, which would change with every line that is put in above.
sub without_places {
    my ($value) = @_;
    return [map { without_places($_) } @$value] if ref $value eq 'ARRAY';
    return $value unless ref $value eq 'HASH';
    return { map { $_ => without_places($value->{$_}) } grep { !/^(?:|.*_)pos$/ } keys %$value };
}

# comment is a text that stays within its comment: without line breaks, and with a last character that is no backslash.
sub comment { return JSON::PP->new->ascii->allow_nonref->encode($_[0]) }

sub check_expression {
    my ($expr, $pos) = @_;
    return unless $expr;
    my $op = $expr->{op};
    $pos = $expr->{pos} || $pos;
    my $is_float = $op eq 'call' && $expr->{name} eq 'float';
    refuse($pos, "a Makefile has no way to compute this expression", 'compute it in a step, and pass its output on')
      unless $operations{$op} || $is_float;
    check_expression($_, $pos) for @{ $expr->{args} || [] };
}

sub check_pattern {
    my ($param) = @_;
    my $rest = $param->{pattern};
    $rest =~ s/\\[dwsDWS^\$.|?*+()\[\]{}\\\/-]//g;
    refuse($param->{pos}, "the pattern of $param->{name} may mean something else to Python, which checks it", 'use plain classes such as [a-z0-9]')
      if $rest =~ /\\|\[\[?:/;
}

sub check_options {
    my ($all, $flavor) = @_;
    for my $block (grep { $_->{flavor} eq $flavor } @{ $all || [] }) {
        refuse($_->{pos}, "this flavor has no option \"$_->{key}\"", 'remove it') for @{ $block->{fields} };
    }
}

sub check_step {
    my ($step, $flavor) = @_;
    my $pos = $step->{pos};
    refuse($step->{foreach_pos}, 'a Makefile has no foreach over steps', 'write a step for each element') if $step->{foreach};
    refuse($pos, "a Makefile cannot run a group with a condition or a foreach", 'write its steps without the group')
      if $step->{kind} eq 'gate' || $step->{along} || $step->{needs_any};
    refuse($step->{body_pos}, 'only Airflow has operators')                                              if $step->{kind} eq 'operator';
    refuse($pos, 'make has no way to run a step after a failure', 'run it by hand, or use another flavor') if $step->{finally} || $step->{run_if};
    refuse($_->{pos}, 'a Makefile has no secrets that stay out of the log', 'use another flavor') for @{ $step->{secrets} || [] };
    check_expression($step->{when}, $pos);
    check_expression($_->{value}, $_->{pos}) for @{ $step->{inputs} || [] }, @{ $step->{env} || [] };
    check_expression($_, $step->{body_pos}) for @{ $step->{command} || [] };
    check_options($step->{options}, $flavor);
    note($step->{cache}{pos},     'what has succeeded is not run again, whatever the cache says')  if $step->{cache};
    note($step->{resources}{pos}, 'a Makefile gives a step what the machine has')                  if $step->{resources};
    note($pos,                    "the image of $step->{name} is not used: make runs on this machine") if $step->{image};
}

sub check_pipeline {
    my ($pipeline, $flavor, $options) = @_;
    push @diagnostics, { severity => 'error', code => 'unknown-option', message => "this flavor has no option \"$_\"" } for sort keys %$options;
    my $pos = $pipeline->{pos} || {};
    refuse($pos->{timeout}, 'make has no timeout for the whole run', 'give the steps a timeout') if $pipeline->{timeout};
    note($pos->{max_parallel}, 'make runs as many steps at once as -j says')               if $pipeline->{max_parallel};
    note($pos->{max_active_runs}, 'make does not know of other runs')                      if $pipeline->{max_active_runs};
    note($pipeline->{schedule}{pos}, 'make runs when it is called, and not on a schedule')  if $pipeline->{schedule};
    note($pos->{requirements}, 'install the requirements before make runs')                if $pipeline->{requirements};
    check_pattern($_) for grep { defined $_->{pattern} } @{ $pipeline->{params} || [] };
    check_options($pipeline->{options}, $flavor);
    check_step($_, $flavor) for @{ $pipeline->{steps} };
}

# makefile has names of the pipeline and of steps in it and no other text of the spec but within comments.
sub makefile {
    my ($asked) = @_;
    my $pipeline = $asked->{pipeline};
    my $name     = $pipeline->{name};
    my @results  = map { "\$(RUN)/$_->{name}/result.json" } @{ $pipeline->{steps} };
    my $about    = $pipeline->{description} ? '# ' . comment($pipeline->{description}) . "\n" : '';
    my $flags    = $pipeline->{fail_fast} ? '' : "MAKEFLAGS += --keep-going\n";
    my $text     = <<"END";
# $asked->{header}
$about#
#   make -f $name.mk -j           run it; what has succeeded is not run again
#   make -f $name.mk clean        forget what has run
#   PARAMS='{"name": "value"}'    in the environment: the parameters, in JSON

PYTHON ?= python3
RUN    ?= $name.run
HERE   := \$(dir \$(lastword \$(MAKEFILE_LIST)))$name.make
STEP   := \$(PYTHON) \$(HERE)/step.py
$flags
.DELETE_ON_ERROR:
.PHONY: all clean always
all: @results
clean:
	rm -rf \$(RUN)

\$(RUN)/params.json: always
	\@\$(STEP) params \$(HERE)/params.json \$(RUN)
END
    for my $step (@{ $pipeline->{steps} }) {
        my @needs = map { "\$(RUN)/$_/result.json" } @{ $step->{needs} || [] };
        $text .= "\n";
        $text .= '# ' . comment($step->{description}) . "\n" if $step->{description};
        $text .= "\$(RUN)/$step->{name}/result.json: \$(HERE)/generated \$(HERE)/steps/$step->{name}.json \$(RUN)/params.json @needs\n";
        $text .= "\t\@\$(STEP) run \$(HERE)/steps/$step->{name}.json \$(RUN)\n";
    }
    return $text;
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:encoding(UTF-8)', $path or die "$path: $!\n";
    local $/;
    return <$file>;
}

# code are the shipped files, and the digest of all of them, on which every target depends.
sub code {
    my ($pipeline, $folder) = @_;
    my $all = '';
    my @files;
    for my $file (@{ $pipeline->{code} || [] }) {
        my %out = (path => "$folder/code/$file->{path}");
        $out{mode} = '0755' if $file->{executable};
        if   (defined $file->{binary}) { $out{base64}  = $file->{binary} }
        else                           { $out{content} = defined $file->{text} ? $file->{text} : '' }
        $all .= JSON::PP->new->utf8->canonical->encode(\%out);
        push @files, \%out;
    }
    return (sha256_hex($all), @files);
}

sub files {
    my ($asked) = @_;
    my $pipeline = $asked->{pipeline};
    my $folder   = "$pipeline->{name}.make";
    my ($digest, @code) = code($pipeline, $folder);
    my @files = (
        { path => "$pipeline->{name}.mk",    content => makefile($asked) },
        { path => "$folder/generated",   content => "# $asked->{header}\ncode: $digest\n", marker => JSON::PP::true },
        { path => "$folder/step.py",     content => slurp(dirname(__FILE__) . '/../runner/step.py') },
        { path => "$folder/params.json", content => $pretty->encode(without_places($pipeline->{params} || [])) },
        @code,
    );
    if ($pipeline->{requirements}) {
        push @files, { path => "$folder/requirements.txt", content => join("\n", @{ $pipeline->{requirements} }, '') };
    }
    for my $step (@{ $pipeline->{steps} }) {
        my %kept = map { $_ => without_places($step->{$_}) } grep { defined $step->{$_} } @step_fields;
        push @files, { path => "$folder/steps/$step->{name}.json", content => $pretty->encode(\%kept) };
    }
    return \@files;
}

sub answer {
    my ($asked) = @_;
    return {} if $asked->{version} != 1;
    return { name => 'makefile', flavor_version => '1.0' } if $asked->{request} eq 'describe';
    my $pipeline = $asked->{pipeline};
    check_pipeline($pipeline, $asked->{flavor}, $asked->{options});
    my $jobs = $pipeline->{max_parallel} || '';
    return { files => files($asked), diagnostics => \@diagnostics, next => "make -f {dir}/$pipeline->{name}.mk -j$jobs" };
}

my $input = do { local $/; <STDIN> };
print $json->encode({ version => 1, %{ answer($json->decode($input)) } });
